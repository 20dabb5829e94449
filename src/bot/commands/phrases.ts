/** Phrases as whoever acts means them: now, and in their zone. */
import { type Caller, parsePhrase, readTriggerPhrase } from "../../orchestrator/index.ts";
import type { ParsePhrase } from "./command.ts";

export const phrasesOf =
  (caller: Caller): ParsePhrase =>
  (text) =>
    readTriggerPhrase(text, (phrase) => parsePhrase(phrase, { now: caller.work.now.getTime(), zone: caller.zone }));
