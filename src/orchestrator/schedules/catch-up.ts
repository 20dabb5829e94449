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
}

/** Half the period, at least 2 min, at most 2 h; without a period, 2 h. */
export function catchUpWindowMs(policy: Policies["catchUp"], periodMs: number | null): number {
  return policy.windowMs ?? Math.min(Math.max((periodMs ?? MAX_WINDOW_MS * 2) / 2, MIN_WINDOW_MS), MAX_WINDOW_MS);
}

/** How far back a slot may lie to be run; milliseconds. What is just late is not an outage. */
export const reachMs = (mode: Policies["catchUp"]["mode"], windowMs: number): number =>
  mode === "none" ? ON_TIME_MS : Math.max(windowMs, ON_TIME_MS);

/** @param inside slots within reach, in order, see `slotsCome` */
export function decideSlots(inside: readonly Date[], mode: Policies["catchUp"]["mode"]): SlotDecision {
  switch (mode) {
    case "none":
    case "latest":
      return { run: inside.slice(-1), collapsed: inside.slice(0, -1) };
    case "all":
      return { run: inside, collapsed: [] };
    default:
      return assertNever(mode, "catch-up policy");
  }
}
