/** Votes. The vote that satisfies the policy decides, one denial denies, and every click gets an answer. */
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import type { Database, Transaction } from "../db/client.ts";
import type { Work } from "../db/work.ts";
import { noticesOf, revise } from "../delivery/store.ts";
import { ClawError } from "../errors.ts";
import type { ApprovalView } from "../events.ts";
import { memberNames, personsOf } from "../members/store.ts";
import { mayDecide, type Person, termsWords } from "../policy/decider.ts";
import type { Actor, WorkspaceId } from "../ports.ts";
import { moveStep } from "../runs/journal/store.ts";
import { requeue } from "../runs/resume.ts";
import { type HeldRun, lockRun } from "../runs/store.ts";
import { closeWait, openWait } from "../runs/waits/store.ts";
import { openRunsOf } from "../schedules/firings/store.ts";
import { type Approval, type ApprovalStatus, effectiveAt, termsOf } from "./approval.ts";
import { approvalKey, tellDecision } from "./ask.ts";
import {
  approvalOfStep,
  approvalsOfRun,
  changeToNo,
  findApproval,
  insertVote,
  lockApproval,
  moveApproval,
  pendingApprovals,
  yesesOf,
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
  /** How many more must say yes, while it is `pending`. `decidedNow` is false when this person had said so before. */
  readonly missing?: number;
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
  choice: Vote["choice"] = "approve",
): Promise<{ readonly run: HeldRun; readonly approval: Approval; readonly before: Voted | null }> {
  const found = await findApproval(work.tx, actor.workspaceId, which);
  if (!found) throw new ClawError("unknown_subject", "There is no such approval. /claw approvals shows what waits.");
  // The run's row first, as everywhere, then what belongs to it.
  const run = await lockRun(work, actor.workspaceId, { id: found.runId });
  const approval = await lockApproval(work.tx, actor.workspaceId, { id: found.id });
  if (!run || !approval) throw new ClawError("bug", `approval ${found.id} has no run`);
  if (approval.status !== "pending") return { run, approval, before: await votedBefore(work, approval) };
  await mustDecide(work, approval, actor, choice);
  if (approval.expiresAt <= work.now) {
    throw new ClawError("conflict", "Too late: nobody decided in time, which means no.");
  }
  return { run, approval, before: null };
}

/** A no is anybody's who may say yes, the author's too. @throws ClawError `forbidden` */
async function mustDecide(work: Work, approval: Approval, actor: Actor, choice: Vote["choice"]): Promise<void> {
  const terms = termsOf(approval);
  const person = await personFor(work, actor);
  if (mayDecide(terms, person, choice === "deny" ? [] : approval.authors)) return;
  const isAuthor = mayDecide(terms, person, []);
  throw new ClawError(
    "forbidden",
    isAuthor
      ? `This call is yours, and the policy wants somebody else to approve it: ${termsWords(terms)}.`
      : `Only ${termsWords(terms)} can decide this. I have not told anyone that you tried.`,
  );
}

/** The actor as the platform introduced them just now. */
export async function personFor(work: Work, actor: Actor): Promise<Person> {
  const known = (await personsOf(work.tx, actor.workspaceId, [actor.memberId])).get(actor.memberId);
  return { memberId: actor.memberId, role: actor.role, groups: known?.groups ?? [] };
}

/** @throws ClawError as {@link lockToDecide} */
export async function vote(caller: Caller, { which, choice, reason }: Vote): Promise<Voted> {
  const { run, approval, before } = await lockToDecide(caller, which, choice);
  return before ?? decide(caller, run, approval, choice, reason);
}

/**
 * Writes a vote. One no denies; the yes that makes them enough approves. Those who may not decide any more count no more.
 * The approval must be `pending`, and locked, and the actor somebody who may decide.
 */
export async function decide(
  caller: Caller,
  run: HeldRun,
  approval: Approval,
  choice: Vote["choice"],
  reason: string | null,
): Promise<Voted> {
  const { deps, work, actor } = caller;
  const at = work.now;
  const isFirst = await insertVote(work.tx, {
    workspaceId: actor.workspaceId,
    approvalId: approval.id,
    memberId: actor.memberId,
    choice,
    reason,
    at,
  });
  const terms = termsOf(approval);
  if (choice === "approve") {
    const yeses = await personsOf(work.tx, actor.workspaceId, await yesesOf(work.tx, approval));
    const good = [...yeses.values()].filter((person) => mayDecide(terms, person, approval.authors));
    const missing = terms.quorum - good.length;
    if (missing > 0) return oneOfMany(caller, run, approval, { isFirst, missing, reason });
  } else if (!isFirst) await changeToNo(work.tx, approval, actor.memberId, reason, at);
  const status = choice === "approve" ? "approved" : "denied";
  await moveApproval(work.tx, approval, "pending", status, { deciderId: actor.memberId, reason, decidedAt: at });
  const step = { turn: approval.turn, callIndex: approval.callIndex };
  await closeWait(
    work,
    actor.workspaceId,
    { run, step, kind: "approval" },
    { outcome: choice === "approve" ? "yes" : "no", by: actor.memberId },
  );
  const effective = effectiveAt(approval);
  if (choice === "approve" && effective > at) {
    await openWait(work, {
      id: deps.ids.next(),
      workspaceId: run.workspaceId,
      runId: run.id,
      step,
      kind: "timer",
      dueAt: effective,
      detail: { approval: approval.number },
    });
  } else if (choice === "approve") await moveStep(work.tx, run, step, "waiting", "ready");
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

/** More people must say yes: the card shows who did. */
async function oneOfMany(
  { work, actor }: Caller,
  run: HeldRun,
  approval: Approval,
  { isFirst, missing, reason }: { readonly isFirst: boolean; readonly missing: number; readonly reason: string | null },
): Promise<Voted> {
  if (isFirst) {
    const yes = { by: actor.name, at: work.now.toISOString() };
    await revise(work, actor.workspaceId, approvalKey(approval.id), (notice) =>
      notice.kind === "approvalRequested"
        ? { ...notice, approval: { ...notice.approval, votes: [...(notice.approval.votes ?? []), yes] } }
        : null,
    );
    await appendAudit(work.tx, [
      {
        workspaceId: actor.workspaceId,
        at: work.now,
        actor: actor.memberId,
        action: "approval.voted",
        subject: { kind: "approval", id: approval.id },
        workflowId: run.workflowId,
        runId: run.id,
        detail: { number: approval.number, callHash: approval.callHash, choice: "approve", missing, reason },
      },
    ]);
  }
  const { number, status } = approval;
  return { number, status, decidedNow: isFirst, by: actor.name, at: work.now, reason, missing };
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
