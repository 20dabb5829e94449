/** When a failed attempt is tried again. Pure. */
import { assertNever, classOf, type Failure } from "../errors.ts";

/** What a service asks us to wait is honoured up to here. */
export const MAX_RETRY_AFTER_MS = 60 * 60_000;
/** A retry is moved by up to a fifth, so that many runs do not come back at once. */
const JITTER = 0.2;

export type RetryDecision =
  | { readonly kind: "retry"; readonly afterMs: number }
  /** The model is told, and may do something else. */
  | { readonly kind: "tell_model" }
  /** A person is asked what happened. */
  | { readonly kind: "ask" }
  /** Retries are used up, or it is a bug. */
  | { readonly kind: "dead" };

/**
 * Attempts come in rounds of one more than there are delays. A round that is used up makes a dead letter, so the next one
 * begins only when a person retries it.
 */
export const isLastOfRound = (attempt: number, delaysMs: readonly number[]): boolean =>
  attempt % (delaysMs.length + 1) === 0;

/**
 * @param attempt how many attempts were made, the failed one included
 * @param repeatable the call may be made again: its contract says so, or it certainly did not happen
 * @param random in [0, 1)
 */
export function decideRetry(
  failure: Failure,
  state: { attempt: number; repeatable: boolean; delaysMs: readonly number[]; random: number },
): RetryDecision {
  const kind = classOf(failure.code);
  switch (kind) {
    case "transient":
    case "limited": {
      if (!state.repeatable) return { kind: "ask" };
      const delay = state.delaysMs[(state.attempt - 1) % (state.delaysMs.length + 1)];
      if (delay === undefined) return { kind: "dead" };
      const jittered = delay * (1 - JITTER / 2 + JITTER * state.random);
      return {
        kind: "retry",
        afterMs: Math.round(Math.max(jittered, Math.min(failure.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS))),
      };
    }
    case "invalid":
    case "denied":
      return { kind: "tell_model" };
    case "unknown_effect":
      return { kind: "ask" };
    case "broken":
      return { kind: "dead" };
    default:
      return assertNever(kind, "error class");
  }
}
