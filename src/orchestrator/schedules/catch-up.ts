/** Which of the slots that have come are run. Pure. */
import { assertNever } from "../errors.ts";
import type { Policies } from "../workflows/workflow.ts";

/** A slot that starts within this is on time; milliseconds. */
export const ON_TIME_MS = 60_000;
const MIN_WINDOW_MS = 2 * 60_000;
const MAX_WINDOW_MS = 2 * 60 * 60_000;

export interface SlotDecision {
  /** In order; more than one only with `all`. */
  readonly run: readonly Date[];
  /** Inside the window, but a later one runs in their place. */
  readonly collapsed: readonly Date[];
  /** Outside the window, or not to be caught up. */
  readonly missed: readonly Date[];
}

/** Half the period, at least 2 min, at most 2 h; without a period, 2 h. */
export function catchUpWindowMs(policy: Policies["catchUp"], periodMs: number | null): number {
  return policy.windowMs ?? Math.min(Math.max((periodMs ?? MAX_WINDOW_MS * 2) / 2, MIN_WINDOW_MS), MAX_WINDOW_MS);
}

/**
 * @param slots every slot up to `now`, in order
 * @param now milliseconds since the epoch
 * @param windowMs see {@link catchUpWindowMs}
 */
export function decideSlots(
  slots: readonly Date[],
  now: number,
  mode: Policies["catchUp"]["mode"],
  windowMs: number,
): SlotDecision {
  const reach = mode === "none" ? ON_TIME_MS : Math.max(windowMs, ON_TIME_MS);
  const missed = slots.filter((slot) => now - slot.getTime() > reach);
  const inside = slots.slice(missed.length);
  switch (mode) {
    case "none":
    case "latest":
      return { run: inside.slice(-1), collapsed: inside.slice(0, -1), missed };
    case "all":
      return { run: inside, collapsed: [], missed };
    default:
      return assertNever(mode, "catch-up policy");
  }
}
