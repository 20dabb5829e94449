/** Phrases as whoever acts means them: now, in their zone, and with the workspace's parts of the day. */
import { type Caller, parsePhrase, readTriggerPhrase } from "../../orchestrator/index.ts";
import type { ParsePhrase } from "./command.ts";

/** What of a caller decides what their words mean. */
type Speaker = Pick<Caller, "zone"> & {
  readonly work: Pick<Caller["work"], "now">;
  readonly deps: Pick<Caller["deps"], "partsOfDay">;
};

export const phrasesOf =
  (caller: Speaker): ParsePhrase =>
  (text) => {
    const { partsOfDay = {} } = caller.deps;
    const options = { now: caller.work.now.getTime(), zone: caller.zone, partsOfDay };
    return readTriggerPhrase(text, (phrase) => parsePhrase(phrase, options));
  };
