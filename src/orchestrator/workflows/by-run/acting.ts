/** For whom a run acts when it does something with a workflow, and the record of it. */
import type { WorkflowCall } from "../../../tools/index.ts";
import { appendAudit } from "../../audit/store.ts";
import type { Database, Transaction } from "../../db/client.ts";
import type { Work } from "../../db/work.ts";
import { ClawError } from "../../errors.ts";
import { findMember } from "../../members/store.ts";
import type { Actor } from "../../ports.ts";

type Call = Omit<WorkflowCall, "actsFor"> & { readonly actsFor: Omit<WorkflowCall["actsFor"], "runId"> };

/** The owner, as they are now. @throws ClawError when they have left */
export async function ownerOf(tx: Database | Transaction, { workspaceId, actsFor }: Call): Promise<Actor> {
  const member = await findMember(tx, workspaceId, actsFor.memberId);
  if (!member) throw new ClawError("forbidden", `The owner of ${actsFor.workflow} is not here any more.`);
  return { workspaceId, memberId: member.id, name: member.name, role: member.role };
}

/** Which run it was, beside what is recorded of everybody who does the same. */
export async function note(
  work: Work,
  { workspaceId, actsFor }: WorkflowCall,
  action: string,
  workflowId: string,
  detail: Record<string, unknown>,
): Promise<void> {
  await appendAudit(work.tx, [
    {
      workspaceId,
      at: work.now,
      actor: actsFor.memberId,
      action,
      subject: { kind: "workflow", id: workflowId },
      workflowId: actsFor.workflowId,
      runId: actsFor.runId,
      detail: { by: actsFor.workflow, ...detail },
    },
  ]);
}
