/** Votes. The vote that satisfies the policy decides, one denial denies, and every click gets an answer. */
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import type { Database, Transaction } from "../db/client.ts";
import type { Work } from "../db/work.ts";
import { noticesOf } from "../delivery/store.ts";
import { ClawError } from "../errors.ts";
import type { ApprovalView } from "../events.ts";
import { memberNames } from "../members/store.ts";
import type { WorkspaceId } from "../ports.ts";
import { moveStep } from "../runs/journal/store.ts";
import { requeue } from "../runs/resume.ts";
import { type HeldRun, lockRun } from "../runs/store.ts";
import { closeWait } from "../runs/waits/store.ts";
import { openRunsOf } from "../schedules/firings/store.ts";
import { atLeast } from "../workflows/permissions.ts";
import type { Approval, ApprovalStatus } from "./approval.ts";
import { approvalKey, tellDecision } from "./ask.ts";
import {
  approvalOfStep,
  approvalsOfRun,
  findApproval,
  insertVote,
  lockApproval,
  moveApproval,
  pendingApprovals,
} from "./store.ts";

export interface Vote {
  readonly which: { readonly id: string } | { readonly number: number };
  readonly choice: "approve" | "deny";
  readonly reason: string | null;
}

export interface Voted {
  readonly number: number;
  readonly status: ApprovalStatus;
  /** This vote decided it; false when it was decided before. */
  readonly decidedNow: boolean;
  readonly by: string | null;
  readonly at: Date | null;
  readonly reason: string | null;
  /** The approval that took its place, when it was `replaced`. */
  readonly replacedBy?: number;
}

/**
 * The approval and its run, locked for the person to decide; or what was decided before.
 * @throws ClawError `unknown_subject`, `conflict` when it is too late, or `forbidden` for somebody who may not decide:
 *   nobody else is told of the try
 */
export async function lockToDecide(
  { work, actor }: Caller,
  which: Vote["which"],
): Promise<{ readonly run: HeldRun; readonly approval: Approval; readonly before: Voted | null }> {
  const found = await findApproval(work.tx, actor.workspaceId, which);
  if (!found) throw new ClawError("unknown_subject", "There is no such approval. /claw approvals shows what waits.");
  if (!atLeast(actor.role, found.decidedBy)) {
    throw new ClawError(
      "forbidden",
      `Only an ${found.decidedBy} or an admin can decide this. I have not told anyone that you tried.`,
    );
  }
  // The run's row first, as everywhere, then what belongs to it.
  const run = await lockRun(work, actor.workspaceId, { id: found.runId });
  const approval = await lockApproval(work.tx, actor.workspaceId, { id: found.id });
  if (!run || !approval) throw new ClawError("bug", `approval ${found.id} has no run`);
  if (approval.status !== "pending") return { run, approval, before: await votedBefore(work, approval) };
  if (approval.expiresAt <= work.now) {
    throw new ClawError("conflict", "Too late: nobody decided in time, which means no.");
  }
  return { run, approval, before: null };
}

/** @throws ClawError as {@link lockToDecide} */
export async function vote(caller: Caller, { which, choice, reason }: Vote): Promise<Voted> {
  const { run, approval, before } = await lockToDecide(caller, which);
  return before ?? decide(caller, run, approval, choice, reason);
}

/** Writes a vote that decides. The approval must be `pending`, and locked. */
export async function decide(
  { work, actor }: Caller,
  run: HeldRun,
  approval: Approval,
  choice: Vote["choice"],
  reason: string | null,
): Promise<Voted> {
  const at = work.now;
  await insertVote(work.tx, {
    workspaceId: actor.workspaceId,
    approvalId: approval.id,
    memberId: actor.memberId,
    choice,
    reason,
    at,
  });
  const status = choice === "approve" ? "approved" : "denied";
  await moveApproval(work.tx, approval, "pending", status, { deciderId: actor.memberId, reason, decidedAt: at });
  const step = { turn: approval.turn, callIndex: approval.callIndex };
  await closeWait(
    work,
    actor.workspaceId,
    { run, step, kind: "approval" },
    { outcome: choice === "approve" ? "yes" : "no", by: actor.memberId },
  );
  if (choice === "approve") await moveStep(work.tx, run, step, "waiting", "ready");
  else {
    const message = `${actor.name} denied this call${reason ? `: "${reason}"` : "."}`;
    await moveStep(work.tx, run, step, "waiting", "refused", {
      failure: { code: "approval_denied", message },
      endedAt: at,
    });
  }
  await tellDecision(work, approval, { kind: status, by: actor.name, at: at.toISOString(), reason });
  await appendAudit(work.tx, [
    {
      workspaceId: actor.workspaceId,
      at,
      actor: actor.memberId,
      action: `approval.${status}`,
      subject: { kind: "approval", id: approval.id },
      workflowId: run.workflowId,
      runId: run.id,
      detail: { number: approval.number, callHash: approval.callHash, reason },
    },
  ]);
  await requeue(work, run);
  return { number: approval.number, status, decidedNow: true, by: actor.name, at, reason };
}

async function votedBefore(work: Work, approval: Approval): Promise<Voted> {
  const { number, status, deciderId, decidedAt, reason, workspaceId, runId } = approval;
  const names = await memberNames(work.tx, workspaceId);
  const latest = status === "replaced" ? await approvalOfStep(work.tx, workspaceId, runId, approval) : null;
  return {
    number,
    status,
    decidedNow: false,
    by: deciderId ? (names.get(deciderId) ?? deciderId) : null,
    at: decidedAt,
    reason,
    ...(latest ? { replacedBy: latest.number } : {}),
  };
}

/** What waits for somebody, as its cards say it. */
export async function listApprovals(db: Database | Transaction, workspaceId: WorkspaceId): Promise<ApprovalView[]> {
  const pending = await pendingApprovals(db, workspaceId);
  const notices = await noticesOf(
    db,
    workspaceId,
    pending.map((approval) => approvalKey(approval.id)),
  );
  return pending.flatMap((approval) => {
    const notice = notices.get(approvalKey(approval.id));
    return notice?.kind === "approvalRequested" ? [notice.approval] : [];
  });
}

/** What was asked for a workflow's open runs holds no more; the runs are told and go on. */
export async function voidApprovals(caller: Caller, workflowId: string, reason: string): Promise<void> {
  const { work, actor } = caller;
  for (const open of (await openRunsOf(work.tx, [workflowId])).get(workflowId) ?? []) {
    const run = await lockRun(work, actor.workspaceId, { id: open.runId });
    if (!run) continue;
    for (const approval of await approvalsOfRun(work.tx, actor.workspaceId, run.id)) {
      if (approval.status !== "pending" && approval.status !== "approved") continue;
      await moveApproval(work.tx, approval, approval.status, "void", { reason });
      await tellDecision(work, approval, { kind: "void", at: work.now.toISOString(), reason });
      const step = { turn: approval.turn, callIndex: approval.callIndex };
      await closeWait(
        work,
        actor.workspaceId,
        { run, step, kind: "approval" },
        { outcome: "cancelled", by: actor.memberId },
      );
      const failure = { code: "not_permitted", message: reason } as const;
      await moveStep(work.tx, run, step, "waiting", "refused", { failure, endedAt: work.now });
      await requeue(work, run);
    }
  }
}
