/** How long a model call may stay silent, and how long it may take. */

export interface PatienceLimits {
  /** Milliseconds until the first byte: a prompt is read, a local model loaded, an answer thought over. */
  readonly firstMs: number;
  /** Milliseconds between two pieces of an answer. */
  readonly idleMs: number;
  /** Milliseconds for the whole call. */
  readonly overallMs: number;
}

export interface Patience {
  /** Aborts when a limit is reached, when the caller's signal does, and at `stop`. */
  readonly signal: AbortSignal;
  /** Which limit was reached; null while none is. */
  expired(): "silent" | "too_long" | null;
  /** Something came: from now on the pause between pieces counts. */
  heard(): void;
  /** Nothing that matters is missing; waits this much longer at most without a byte. */
  leave(ms: number): void;
  /** Ends the watch and lets go of the connection. A second call does no harm. */
  stop(): void;
}

export function patience(limits: PatienceLimits, caller: AbortSignal): Patience {
  const own = new AbortController();
  let reached: "silent" | "too_long" | null = null;
  const give = (reason: "silent" | "too_long") => () => {
    reached ??= reason;
    own.abort();
  };
  let pauseMs = limits.idleMs;
  let pause = setTimeout(give("silent"), limits.firstMs);
  const whole = setTimeout(give("too_long"), limits.overallMs);
  const restart = () => {
    clearTimeout(pause);
    if (!own.signal.aborted) pause = setTimeout(give("silent"), pauseMs);
  };
  return {
    signal: AbortSignal.any([caller, own.signal]),
    expired: () => reached,
    heard: restart,
    leave(ms) {
      pauseMs = Math.min(ms, limits.idleMs);
      restart();
    },
    stop() {
      clearTimeout(pause);
      clearTimeout(whole);
      // Nobody hears the reason: an error with its stack would be made for nothing at every call.
      own.abort("over");
    },
  };
}
