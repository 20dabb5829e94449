/** A circuit breaker: calls to an outside service that is down are not made, and wait without using up their attempts. Pure. */
import { classOf, type ErrorCode, type Failure } from "../errors.ts";

export const BREAKER_STATUSES = ["closed", "open", "half_open"] as const;
export type BreakerStatus = (typeof BREAKER_STATUSES)[number];

/** `half_open` lets one probe through; it closes or opens again by what the probe hears. */
export const BREAKER_TRANSITIONS = {
  closed: ["open"],
  open: ["half_open"],
  half_open: ["closed", "open"],
} as const satisfies Record<BreakerStatus, readonly BreakerStatus[]>;

/** As all workers know it. A service nobody has failed to reach has none, which is the same as {@link QUIET}. */
export interface Breaker {
  readonly status: BreakerStatus;
  /** In a row. */
  readonly failures: number;
  /** How often it opened without closing between. */
  readonly opens: number;
  /** When the outage began, through all its openings; null while closed. */
  readonly openedAt: Date | null;
  /** Open: when one probe may go. */
  readonly probeAt: Date | null;
  /** Half open: until when the probe has the service to itself; a probe that is not heard of by then counts as lost. */
  readonly probeUntil: Date | null;
  /** The last one; null when the last call went well. */
  readonly failure: Failure | null;
}

export const QUIET: Breaker = {
  status: "closed",
  failures: 0,
  opens: 0,
  openedAt: null,
  probeAt: null,
  probeUntil: null,
  failure: null,
};

/** Failures in a row that open it. */
export const OPENS_AFTER = 5;
const FIRST_PAUSE_MS = 30_000;
export const LONGEST_PAUSE_MS = 5 * 60_000;
/** Milliseconds the probe has the service to itself. */
export const PROBE_MS = 60_000;
/** An outage that is longer than this is one no more: failures use up attempts again, so that a run ends some day. */
export const LONGEST_OUTAGE_MS = 24 * 60 * 60_000;

export type Gate =
  | { readonly kind: "go" }
  /** The caller is the probe, once it has made the breaker `next`. */
  | { readonly kind: "probe"; readonly next: Breaker }
  | { readonly kind: "wait"; readonly until: Date };

/** May a call be made now? */
export function knock(breaker: Breaker, now: Date): Gate {
  if (breaker.status === "closed") return { kind: "go" };
  const until = breaker.status === "open" ? breaker.probeAt : breaker.probeUntil;
  if (until !== null && until.getTime() > now.getTime()) return { kind: "wait", until };
  return { kind: "probe", next: { ...breaker, status: "half_open", probeAt: null, probeUntil: after(now, PROBE_MS) } };
}

/** What a call tells about its service; null when it tells nothing: it was not made, or nobody heard its end. */
export type Heard = { readonly kind: "answered" } | { readonly kind: "failed"; readonly failure: Failure } | null;

/** Codes of calls that never reached their service, or whose end nobody waited for. */
const SAY_NOTHING: ReadonlySet<ErrorCode> = new Set([
  "cancelled",
  "blocked_address",
  "invalid_input",
  "malformed_arguments",
  "unknown_tool",
  "not_found",
]);

/** A service that refuses, also for now, is there; only what is `transient` says that it is not. */
export function hearing(failure: Failure | null): Heard {
  if (failure === null) return { kind: "answered" };
  switch (classOf(failure.code)) {
    case "transient":
      return { kind: "failed", failure };
    case "limited":
    case "invalid":
    case "denied":
      return SAY_NOTHING.has(failure.code) ? null : { kind: "answered" };
    case "unknown_effect":
    case "broken":
      return null;
  }
}

/**
 * What a breaker becomes by what a call heard; the same object when nothing changes.
 * @param probe the call was the probe: while the breaker is half open only that one counts, and late answers to calls
 *   from before the outage do not
 */
export function hear(breaker: Breaker, heard: Heard, { probe, now }: { probe: boolean; now: Date }): Breaker {
  switch (breaker.status) {
    case "closed": {
      if (heard === null) return breaker;
      if (heard.kind === "answered") return breaker.failures === 0 ? breaker : QUIET;
      const counted = { ...breaker, failures: breaker.failures + 1, failure: heard.failure };
      return counted.failures < OPENS_AFTER ? counted : opened(counted, heard.failure, now);
    }
    case "open":
      return breaker;
    case "half_open":
      if (!probe) return breaker;
      // A probe that says nothing leaves its turn to the next.
      if (heard === null) return { ...breaker, status: "open", probeAt: now, probeUntil: null };
      if (heard.kind === "answered") return QUIET;
      return opened({ ...breaker, failures: breaker.failures + 1 }, heard.failure, now);
  }
}

function opened(breaker: Breaker, failure: Failure, now: Date): Breaker {
  const doubled = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(breaker.opens, 10), LONGEST_PAUSE_MS);
  // A service that says when to come back is believed as far as the longest pause.
  const pause = Math.max(doubled, Math.min(failure.retryAfterMs ?? 0, LONGEST_PAUSE_MS));
  return {
    ...breaker,
    status: "open",
    opens: breaker.opens + 1,
    openedAt: breaker.openedAt ?? now,
    probeAt: after(now, pause),
    probeUntil: null,
    failure,
  };
}

/** Whether failures are an outage's, which costs no attempts, or have lasted too long to be called that. */
export const isOutage = (breaker: Breaker, now: Date): boolean =>
  breaker.status !== "closed" &&
  breaker.openedAt !== null &&
  now.getTime() - breaker.openedAt.getTime() < LONGEST_OUTAGE_MS;

/** When the next call may be made, at the latest news; now for a closed breaker. */
export const nextTryAt = (breaker: Breaker, now: Date): Date =>
  (breaker.status === "open" ? breaker.probeAt : breaker.probeUntil) ?? now;

const after = (from: Date, ms: number): Date => new Date(from.getTime() + ms);
