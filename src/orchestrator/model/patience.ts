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
  /** The connection has nothing left to give: there is none to let go of. */
  over(): void;
  /** Ends the watch and lets go of the connection. A second call does no harm. */
  stop(): void;
}

export function patience(limits: PatienceLimits, caller: AbortSignal): Patience {
  const own = new AbortController();
  // Not `AbortSignal.any`, which is kept for as long as somebody listens to it, and the client never stops to.
  const follow = () => own.abort(caller.reason);
  if (caller.aborted) follow();
  else caller.addEventListener("abort", follow, { once: true });
  let reached: "silent" | "too_long" | null = null;
  const give = (reason: "silent" | "too_long") => () => {
    reached ??= reason;
    own.abort();
  };
  let isOver = false;
  let pauseMs = limits.idleMs;
  let pause = setTimeout(give("silent"), limits.firstMs);
  const whole = setTimeout(give("too_long"), limits.overallMs);
  const restart = () => {
    clearTimeout(pause);
    if (!own.signal.aborted) pause = setTimeout(give("silent"), pauseMs);
  };
  return {
    signal: own.signal,
    expired: () => reached,
    heard: restart,
    leave(ms) {
      pauseMs = Math.min(ms, limits.idleMs);
      restart();
    },
    over() {
      isOver = true;
    },
    stop() {
      clearTimeout(pause);
      clearTimeout(whole);
      caller.removeEventListener("abort", follow);
      // An abort makes errors with their stacks on its way to the connection: not for nothing at every call.
      if (!isOver) own.abort("over");
    },
  };
}
