/** Starts the server again when it dies while Claw runs, on its port: every connection knows that one. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../../log.ts";

export interface KeepUpDeps {
  readonly log: Log;
  readonly isAlive: () => boolean;
  /** Starts it, or finds that somebody else did. @throws when it does not start */
  readonly restart: () => Promise<void>;
}

export interface KeepUp {
  /** Looks no more; resolves when a start that is under way has ended. A second call does no harm. */
  stop(): Promise<void>;
}

/** Where a look costs a process of its own, it is seldom. Milliseconds. */
const LOOK_MS = process.platform === "linux" ? 500 : 2_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Milliseconds after which a server that was started again counts as well. */
const WELL_MS = 60_000;

export function keepUp(deps: KeepUpDeps): KeepUp {
  const stopping = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal, ref: false });

  async function watch(): Promise<void> {
    let pauseMs = 0;
    let startedAt = Number.NEGATIVE_INFINITY;
    while (true) {
      await pause(LOOK_MS);
      if (deps.isAlive()) continue;
      if (performance.now() - startedAt > WELL_MS) pauseMs = 0;
      deps.log.error({ inMs: pauseMs }, "the embedded database server has died; it is started again, and work waits");
      await pause(pauseMs);
      pauseMs = Math.min(Math.max(2 * pauseMs, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
      startedAt = performance.now();
      try {
        await deps.restart();
        const ms = Math.round(performance.now() - startedAt);
        deps.log.warn({ ms }, "the embedded database server is back; work goes on");
      } catch (error) {
        deps.log.error({ err: error, againInMs: pauseMs }, "the embedded database server does not start");
      }
    }
  }

  const watching = watch().catch((error: unknown) => {
    if (!stopping.signal.aborted)
      deps.log.error({ err: error }, "the embedded database server is looked after no more");
  });
  return {
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
