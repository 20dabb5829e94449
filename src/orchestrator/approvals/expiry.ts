/** A yes does not hold for ever: given and never used in its time, it expires. */
import { appendAudit } from "../audit/store.ts";
import { inWork, type Work, type WorkDeps } from "../db/work.ts";
import { lockRun } from "../runs/store.ts";
import type { Approval } from "./approval.ts";
import { tellDecision } from "./ask.ts";
import { lockApproval, moveApproval, unusedApprovals } from "./store.ts";

const BATCH = 100;
const REASON = "It was not used in its time, so it does not hold any more.";

/** Expires what is out of its time, each in a work of its own. Its step is refused when it comes to it. Again is harmless. */
export async function expireUnused(deps: WorkDeps): Promise<void> {
  for (const unused of await unusedApprovals(deps.db, new Date(deps.clock.now()), BATCH)) {
    await inWork(deps, async (work) => {
      const run = await lockRun(work, unused.workspaceId, { id: unused.runId });
      const approval = await lockApproval(work.tx, unused.workspaceId, { id: unused.id });
      if (run && approval) await expireOne(work, run, approval);
    });
  }
}

/** @returns whether it had been approved and is out of its time: from now on it is expired */
export async function expireOne(
  work: Work,
  run: { readonly id: string; readonly workflowId: string },
  approval: Approval,
): Promise<boolean> {
  if (approval.status !== "approved" || approval.expiresAt > work.now) return false;
  await expire(work, run, approval, "approved", { reason: REASON }, { number: approval.number, unused: true });
  return true;
}

/** Its time is over: its card says so, and the record. Does nothing when it was decided meanwhile. */
export async function expire(
  work: Work,
  run: { readonly id: string; readonly workflowId: string },
  approval: Pick<Approval, "id" | "workspaceId">,
  from: "pending" | "approved",
  change: { readonly reason: string; readonly decidedAt?: Date },
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (!(await moveApproval(work.tx, approval, from, "expired", change))) return;
  await tellDecision(work, approval, { kind: "expired", at: work.now.toISOString(), reason: change.reason });
  await appendAudit(work.tx, [
    {
      workspaceId: approval.workspaceId,
      at: work.now,
      actor: "claw",
      action: "approval.expired",
      subject: { kind: "approval", id: approval.id },
      workflowId: run.workflowId,
      runId: run.id,
      detail,
    },
  ]);
}
