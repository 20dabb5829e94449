/** What was opened is closed in the opposite order. */
import type { Log } from "./log.ts";

export interface Releasers {
  readonly add: (name: string, release: () => Promise<void>) => void;
  /** Closes everything, the last opened first; what fails is logged and does not keep the rest open. A second call joins the first. */
  release(): Promise<void>;
}

export function createReleasers(log: Log): Releasers {
  const opened: { name: string; release: () => Promise<void> }[] = [];
  const state: { releasing: Promise<void> | null } = { releasing: null };
  return {
    add: (name, release) => {
      opened.push({ name, release });
    },
    release() {
      state.releasing ??= (async () => {
        for (const { name, release } of opened.toReversed()) {
          await release().catch((error: unknown) => log.error({ name, err: error }, "could not be closed"));
          log.debug({ name }, "closed");
        }
      })();
      return state.releasing;
    },
  };
}
