/** When a workflow will really run next: past quiet hours, holidays, and what a person asked to skip. Pure. */
import { scheduleOf } from "../triggers/trigger.ts";
import type { Policies, Revision, Workflow } from "../workflows/workflow.ts";
import { aheadOf, type ClosedTimes, closedReason, type Sieve } from "./closed-times.ts";
import type { Schedule } from "./schedule.ts";
import { nextSlots } from "./slots.ts";

/** The times that are closed in a workspace. */
export interface OpenTimes {
  /** Null: none is. */
  readonly closedTimes: ClosedTimes | null;
  /** The workspace's zone, for a calendar that names none. */
  readonly zone: string;
}

/** What is closed for workflows with such policies; null: nothing. */
export const closedFor = ({ closedTimes, zone }: OpenTimes, policies: Pick<Policies, "calendar">): Sieve["closed"] =>
  closedTimes && policies.calendar !== "ignore" ? (slot) => closedReason(slot, closedTimes, zone) : null;

/** The next slots after `afterMs` that are not closed; fewer than `count` when the schedule ends, or none is near. */
export function openSlots(schedule: Schedule, afterMs: number, count: number, closed: Sieve["closed"]): Date[] {
  if (!closed) return nextSlots(schedule, afterMs, count);
  const found: Date[] = [];
  for (let last = afterMs; found.length < count; ) {
    const { next } = aheadOf(schedule, last, { closed, skips: 0 });
    if (!next) break;
    found.push(next);
    last = next.getTime();
  }
  return found;
}

/** @returns null when nothing is planned, or all that is near is closed or skipped */
export function nextRun(
  workflow: Pick<Workflow, "nextSlotAt" | "skipNext">,
  { trigger, policies }: Pick<Revision, "trigger" | "policies">,
  open: OpenTimes,
): Date | null {
  const { nextSlotAt, skipNext } = workflow;
  const closed = closedFor(open, policies);
  const schedule = scheduleOf(trigger);
  if (!nextSlotAt || !schedule || (!closed && skipNext === 0)) return nextSlotAt;
  return aheadOf(schedule, nextSlotAt.getTime() - 1, { closed, skips: skipNext }).next;
}
