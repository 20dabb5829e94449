/** *Skip next*: a person has the next slots of a workflow left out, and can take it back. */
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import { ClawError } from "../errors.ts";
import { scheduleOf } from "../triggers/trigger.ts";
import { lockOwn, type WorkflowKey } from "../workflows/service.ts";
import { changeWorkflow } from "../workflows/store.ts";
import { aheadOf } from "./closed-times.ts";
import { closedFor } from "./next-run.ts";

/** What a person may ask for in one go. */
export const MOST_SKIPS = 100;

export interface Skipping {
  readonly name: string;
  /** How many slots are left out from now on. */
  readonly count: number;
  /** ISO instants of these, soonest first; fewer when the schedule has no more, or they are very far away. */
  readonly skipped: readonly string[];
  /** The first that will run, as an ISO instant; null when there is none, or none near. */
  readonly nextAt: string | null;
}

/**
 * From now on the next `count` slots are left out; 0 leaves out none. It sets, and does not add: a second call does no
 * harm. Slots in quiet hours and on holidays do not count, for they would not run.
 * @throws ClawError `conflict` for what is not active or has no schedule, `invalid_input` for too many
 */
export async function skipNext(caller: Caller, which: WorkflowKey, count: number): Promise<Skipping> {
  const { deps, work, actor } = caller;
  const { workflow, revision } = await lockOwn(caller, which);
  const { policies } = revision;
  const schedule = scheduleOf(revision.trigger);
  if (workflow.status !== "active" || !schedule || !workflow.nextSlotAt) {
    throw new ClawError("conflict", `${workflow.name} is ${workflow.status}, so there is no next time to skip.`);
  }
  if (count > MOST_SKIPS) {
    throw new ClawError(
      "invalid_input",
      `At most ${MOST_SKIPS} times can be skipped. /claw pause ${workflow.name} stops it until you resume it.`,
    );
  }
  await changeWorkflow(work.tx, workflow, { skipNext: count });
  await appendAudit(work.tx, [
    {
      workspaceId: actor.workspaceId,
      at: work.now,
      actor: actor.memberId,
      action: "workflow.skip_set",
      subject: { kind: "workflow", id: workflow.id },
      workflowId: workflow.id,
      runId: null,
      detail: { from: workflow.skipNext, to: count },
    },
  ]);
  const closed = closedFor({ closedTimes: deps.closedTimes, zone: caller.workspaceZone }, policies);
  const ahead = aheadOf(schedule, workflow.nextSlotAt.getTime() - 1, { closed, skips: count });
  return {
    name: workflow.name,
    count,
    skipped: ahead.skipped.map((slot) => slot.toISOString()),
    nextAt: ahead.next?.toISOString() ?? null,
  };
}
