/** The watchdog outside: a check elsewhere (healthchecks.io style) expects a ping, and tells when none comes. */
import type { Log } from "../../log.ts";

const EVERY_MS = 60_000;
/** A ping, and the look at the database before it, may take that long; milliseconds. */
const LIMIT_MS = 10_000;
/** A timer that fires so late says that the process was stuck; milliseconds. */
const STUCK_MS = 30_000;

export interface PingerDeps {
  /** Pinged with GET while all is well; its `/fail` once when it is not. */
  readonly url: string;
  readonly log: Log;
  /** Resolves when what this process needs answers; throws, or hangs, when not. */
  readonly probe: () => Promise<unknown>;
  /** Milliseconds that only go forward, such as `performance.now`. */
  readonly uptime: () => number;
  readonly everyMs?: number;
  readonly limitMs?: number;
}

export interface Pinger {
  /** Pings at once and then every minute. Never throws. */
  start(): void;
  /** No more pings; one that is under way is given up. A second call does no harm. */
  stop(): Promise<void>;
}

export function createPinger(deps: PingerDeps): Pinger {
  const { log, everyMs = EVERY_MS, limitMs = LIMIT_MS } = deps;
  const stopping = new AbortController();
  const state: { failed: boolean; due: number; underWay: Promise<void> | null; timer: NodeJS.Timeout | undefined } = {
    failed: false,
    due: 0,
    underWay: null,
    timer: undefined,
  };

  async function well(): Promise<boolean> {
    const lateMs = deps.uptime() - state.due;
    if (lateMs > STUCK_MS) {
      log.warn({ lateMs: Math.round(lateMs) }, "this process was stuck");
      return false;
    }
    try {
      await within(limitMs, deps.probe(), stopping.signal);
      return true;
    } catch (error) {
      if (!stopping.signal.aborted) log.warn({ err: error }, "not well; the watchdog outside is told");
      return false;
    }
  }

  async function beat(): Promise<void> {
    const isWell = await well();
    if (stopping.signal.aborted || (!isWell && state.failed)) return;
    try {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(limitMs)]);
      const answer = await fetch(isWell ? deps.url : failUrl(deps.url), { signal, redirect: "follow" });
      await answer.body?.cancel();
      // What did not arrive is sent again.
      state.failed = !isWell;
      if (!answer.ok) log.warn({ status: answer.status }, "the watchdog outside refuses the ping");
    } catch {
      // Without the error: it may quote the address, which whoever knows it can ping.
      if (!stopping.signal.aborted) log.warn({}, "the watchdog outside cannot be reached");
    }
  }

  function next(): void {
    if (stopping.signal.aborted) return;
    state.underWay ??= beat().finally(() => {
      state.underWay = null;
      state.due = deps.uptime() + everyMs;
      if (!stopping.signal.aborted) state.timer = setTimeout(next, everyMs).unref();
    });
  }

  return {
    start() {
      state.due = deps.uptime();
      next();
    },
    async stop() {
      stopping.abort();
      clearTimeout(state.timer);
      await state.underWay;
    },
  };
}

/** The path of a check ends with `/fail`; what stands after it, such as a query, stays. */
export function failUrl(url: string): string {
  const fail = new URL(url);
  fail.pathname = `${fail.pathname.replace(/\/+$/, "")}/fail`;
  return fail.href;
}

/** @throws what `probe` throws, or when it takes longer than `ms`, or when the signal says so */
async function within(ms: number, probe: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  await Promise.race([
    probe,
    new Promise<never>((_, reject) => limit.addEventListener("abort", () => reject(new Error("no answer in time")))),
  ]);
}
