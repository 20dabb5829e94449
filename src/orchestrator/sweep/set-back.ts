/**
 * A clock that was ahead is set back: what was planned by it for soon would come late by the difference. Whoever notices
 * brings it forward. Slots stay where they are: they are times of the wall clock.
 */
import type { Clock } from "../ports.ts";

/** Less is what clocks are corrected by every day; milliseconds. */
const TOLERANCE_MS = 5_000;

export interface ClockWatch {
  /** Whether the clock was set back since the last look. True at the first one: what was before it nobody knows. */
  look(): boolean;
  /** Nothing could be done about it: the next look says so again. */
  again(): void;
}

/** @param uptime milliseconds since any moment, by a clock that nobody sets */
export function createClockWatch(clock: Clock, uptime: () => number): ClockWatch {
  const state = { ahead: Number.POSITIVE_INFINITY };
  return {
    look() {
      const ahead = clock.now() - uptime();
      const setBack = ahead < state.ahead - TOLERANCE_MS;
      state.ahead = ahead;
      return setBack;
    },
    again() {
      state.ahead = Number.POSITIVE_INFINITY;
    },
  };
}
