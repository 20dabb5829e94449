/** *Send again*: the channel is repaired, and what was lost on the way to it follows. */
import type { Caller } from "../../caller.ts";
import { ClawError } from "../../errors.ts";
import { auditWorkflow } from "../../workflows/asked.ts";
import { lockOwn } from "../../workflows/service.ts";
import { revise } from "../store.ts";
import { openUndelivered, queueUndelivered } from "./store.ts";

export interface SentAgain {
  readonly name: string;
  readonly count: number;
}

/**
 * Has a workflow's undelivered messages sent, by its owner or an admin. A second press finds nothing left.
 * @throws ClawError `unknown_subject`, `forbidden`, `conflict` when nothing is left
 */
export async function sendAgain(caller: Caller, workflowId: string): Promise<SentAgain> {
  const { work, actor } = caller;
  const { workflow } = await lockOwn(caller, { id: workflowId });
  const of = { workspaceId: actor.workspaceId, workflowId };
  const count = await queueUndelivered(work.tx, of, work.now);
  if (count === 0) {
    throw new ClawError(
      "conflict",
      `Nothing of ${workflow.name} is left to send: all of it arrived, or is on its way.`,
    );
  }
  const again = { by: actor.name, at: work.now.toISOString(), count };
  for (const key of await openUndelivered(work.tx, of)) {
    await revise(work, actor.workspaceId, key, (notice) =>
      notice.kind === "undelivered" ? { ...notice, again } : null,
    );
  }
  await auditWorkflow(caller, "workflow.sent_again", workflowId, { count });
  work.wake("deliveries.due");
  return { name: workflow.name, count };
}
