/** Slots that have come and that nobody has looked at: accounted for when their workflow stops or gets another schedule. */
import type { Work } from "../db/work.ts";
import type { EngineDeps } from "../runs/engine-deps.ts";
import type { Defined } from "../workflows/store.ts";
import { slotsCome } from "./come.ts";
import { insertFirings } from "./firings/store.ts";

/**
 * Without it they would vanish without a trace: after an outage the first thing done may be a person's *pause*. Writes one
 * row for all of them, and nothing when none has come.
 * @param defined as it was before the change
 * @throws ClawError `bug` for a stored schedule that cannot be read
 */
export async function accountForOverdue(
  deps: Pick<EngineDeps, "ids">,
  work: Work,
  { workflow, revision: { trigger } }: Defined,
  reason: string,
): Promise<void> {
  const { nextSlotAt } = workflow;
  if (workflow.status !== "active" || trigger.kind !== "schedule" || !nextSlotAt || nextSlotAt > work.now) return;
  const { missed, inside } = slotsCome(trigger.schedule, nextSlotAt, work.now.getTime(), 0);
  const last = inside.at(-1) ?? missed?.last ?? nextSlotAt;
  await insertFirings(work.tx, [
    {
      id: deps.ids.next(),
      workspaceId: workflow.workspaceId,
      workflowId: workflow.id,
      kind: "slot",
      key: last.toISOString(),
      plannedAt: last,
      outcome: "skipped",
      reason,
      count: (missed?.count ?? 0) + inside.length,
      payload: null,
      createdAt: work.now,
    },
  ]);
}
