/** Slots that are left out while nobody looks for them: each is accounted for, a long stretch of them in one row. */
import type { Work } from "../db/work.ts";
import type { Ids } from "../ports.ts";
import { firingKindOf, scheduleOf } from "../triggers/trigger.ts";
import type { Defined } from "../workflows/store.ts";
import { type ComeSlots, slotsCome } from "./come.ts";
import { insertFirings } from "./firings/store.ts";
import type { Schedule } from "./schedule.ts";
import { nextSlots } from "./slots.ts";

/** Every slot up to this moment has come; none of them is to be run. */
const NO_REACH = -1;

/** @returns null when no slot has come. @throws ClawError `bug` for a stored rule that cannot be read */
export const slotsUpTo = (schedule: Schedule, from: Date, now: number): ComeSlots["missed"] =>
  slotsCome(schedule, from, now, NO_REACH).missed;

/**
 * The slots that have fallen into a workflow's pause until `now`.
 * @returns null when there are none, or its schedule cannot be read
 */
export function slotsInPause({ workflow, revision }: Defined, now: Date): ComeSlots["missed"] {
  const schedule = scheduleOf(revision.trigger);
  const { paused } = workflow;
  if (!paused || !schedule) return null;
  try {
    const from = paused.firstSlot ?? nextSlots(schedule, paused.at.getTime(), 1)[0];
    return from ? slotsUpTo(schedule, from, now.getTime()) : null;
  } catch {
    // What cannot be read is paused for that reason, and plans nothing.
    return null;
  }
}

/** A pause ends: the slots that fell into it are skipped, in one row. @returns how many there were */
export async function leaveOutPaused(deps: { readonly ids: Ids }, work: Work, defined: Defined): Promise<number> {
  const { paused } = defined.workflow;
  const come = slotsInPause(defined, work.now);
  if (!paused || !come) return 0;
  await leaveOut(
    deps,
    work,
    defined,
    come,
    (span) => `paused by ${paused.by}${span}${paused.note ? `: ${paused.note}` : ""}`,
  );
  return come.count;
}

/**
 * A slot had come and nobody had claimed it yet when its workflow was changed: it is skipped, and says why.
 * @returns the firing that stands for what was left out; null when nothing was
 */
export async function leaveOutDue(
  deps: { readonly ids: Ids },
  work: Work,
  defined: Defined,
  reason: string,
): Promise<LeftOutSlots | null> {
  const { workflow, revision } = defined;
  const schedule = scheduleOf(revision.trigger);
  if (workflow.status !== "active" || !workflow.nextSlotAt || !schedule) return null;
  const come = slotsUpTo(schedule, workflow.nextSlotAt, work.now.getTime());
  if (!come) return null;
  const firingId = await leaveOut(deps, work, defined, come, (span) => `${reason}${span}`);
  return { firingId, count: come.count, first: come.first, last: come.last };
}

export interface LeftOutSlots {
  readonly firingId: string;
  readonly count: number;
  readonly first: Date;
  readonly last: Date;
}

async function leaveOut(
  deps: { readonly ids: Ids },
  work: Work,
  { workflow, revision }: Defined,
  { first, last, count, exact }: NonNullable<ComeSlots["missed"]>,
  reason: (span: string) => string,
): Promise<string> {
  const id = deps.ids.next();
  const [from, to] = [first.toISOString(), last.toISOString()];
  const span = count === 1 ? "" : `, ${from} to ${to}${exact ? "" : " (the count is reckoned)"}`;
  await insertFirings(work.tx, [
    {
      id,
      workspaceId: workflow.workspaceId,
      workflowId: workflow.id,
      kind: firingKindOf(revision.trigger),
      key: to,
      plannedAt: last,
      outcome: "skipped",
      reason: reason(span),
      count,
      payload: { from, to },
      createdAt: work.now,
    },
  ]);
  return id;
}
