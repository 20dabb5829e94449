/** `claw start`: everything that runs, until a signal. */
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Hidden } from "../redaction.ts";
import { configured } from "./configured.ts";
import { explain } from "./explain.ts";
import type { CliIo } from "./io.ts";

export type StartClaw = (options: {
  readonly config: Config;
  readonly log: Log;
  /** What the log must not repeat. */
  readonly hidden: Hidden;
  /** For the lines that say what is on and what is off. */
  readonly write: (line: string) => void;
  /** Aborted when the process is to stop before it has started. */
  readonly signal: AbortSignal;
}) => Promise<{ stop(reason: string): Promise<void>; readonly url: string | null }>;

/** Signals that stop in order, with the exit code of those who do not wait for it (128 + the signal's number). */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface StartDeps {
  readonly startClaw: StartClaw;
  /** How long stopping in order may take, in milliseconds. */
  readonly stopLimitMs: number;
}

/**
 * Runs until a signal, a crash or a start that fails.
 * @returns the exit code: 0 stopped in order; 1 failed, crashed, or not stopped within the limit; 2 bad configuration;
 *   130, 143 or 129 at a second signal. The caller ends the process with it: timers of libraries may still be alive.
 */
export const runStart = (io: CliIo, deps: StartDeps): Promise<number> =>
  configured(io, (config, log, hidden) => runUntilStopped({ config, log, hidden }, io, deps));

async function runUntilStopped(
  { config, log, hidden }: { readonly config: Config; readonly log: Log; readonly hidden: Hidden },
  io: CliIo,
  deps: StartDeps,
): Promise<number> {
  const say = (text: string) => io.stderr.write(`${text}\n`);
  const cleanups: (() => void)[] = [];
  const on = (event: string, listener: (value: unknown) => void) => {
    io.events.on(event, listener);
    cleanups.push(() => io.events.off(event, listener));
  };

  try {
    return await new Promise<number>((resolve) => {
      const fail = (error: unknown) => {
        const { text, exitCode } = explain(error, config, hidden);
        say(text);
        resolve(exitCode);
      };
      // Going on after a crash would mean not knowing what state we are in; a restart resumes from the journal.
      for (const event of ["uncaughtException", "unhandledRejection"]) {
        on(event, (error) => {
          if (config.logLevel === "silent") say(explain(error, config, hidden).text);
          else log.error({ err: error }, `crashed: ${event}`);
          resolve(1);
        });
      }

      const starting = new AbortController();
      let stopping = false;
      const started = deps.startClaw({
        config,
        log,
        hidden,
        write: (line) => void io.stdout.write(`${line}\n`),
        signal: starting.signal,
      });
      started.catch((error: unknown) => {
        if (!stopping) return fail(error);
        const aborted = error === starting.signal.reason || (error instanceof Error && error.name === "AbortError");
        if (!aborted) log.warn({ err: error }, "the start was given up");
        resolve(0);
      });

      for (const [signal, exitCode] of Object.entries(SIGNALS)) {
        on(signal, () => {
          if (stopping) {
            say("Stopped at once.");
            resolve(exitCode);
            return;
          }
          stopping = true;
          say("Stopping in order. Ctrl-C again stops at once.");
          const limit = setTimeout(() => {
            say(`Not stopped after ${deps.stopLimitMs / 1000} s; ended. What was going on resumes at the next start.`);
            resolve(1);
          }, deps.stopLimitMs);
          cleanups.push(() => clearTimeout(limit));
          starting.abort();
          started.then((claw) => claw.stop(signal).then(() => resolve(0), fail)).catch(() => {});
        });
      }
    });
  } finally {
    for (const cleanup of cleanups) cleanup();
  }
}
