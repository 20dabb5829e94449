/** Approvals and votes in SQL. */
import { and, asc, desc, eq, inArray, isNotNull, lte } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { approvals, votes } from "../db/schema.ts";
import { ClawError } from "../errors.ts";
import type { MemberId, WorkspaceId } from "../ports.ts";
import type { StepKey } from "../runs/step.ts";
import { APPROVAL_TRANSITIONS, type Approval, type ApprovalStatus } from "./approval.ts";

export async function insertApproval(
  tx: Transaction,
  approval: Omit<Approval, "status" | "deciderId" | "reason" | "decidedAt">,
): Promise<void> {
  await tx.insert(approvals).values({ ...approval, authors: [...approval.authors], status: "pending" });
}

const approvalIs = (workspaceId: WorkspaceId, which: { readonly id: string } | { readonly number: number }) =>
  and(
    eq(approvals.workspaceId, workspaceId),
    "id" in which ? eq(approvals.id, which.id) : eq(approvals.number, which.number),
  );

/** Null when this workspace has none such. */
export async function findApproval(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  which: { readonly id: string } | { readonly number: number },
): Promise<Approval | null> {
  const rows = await db.select().from(approvals).where(approvalIs(workspaceId, which));
  return rows[0] ?? null;
}

/** The approval, locked until the work ends. Null when this workspace has none such. */
export async function lockApproval(
  tx: Transaction,
  workspaceId: WorkspaceId,
  which: { readonly id: string } | { readonly number: number },
): Promise<Approval | null> {
  const rows = await tx.select().from(approvals).where(approvalIs(workspaceId, which)).for("update");
  return rows[0] ?? null;
}

/** The approval of a step, the latest when there were several. */
export async function approvalOfStep(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  runId: string,
  step: StepKey,
): Promise<Approval | null> {
  const rows = await db
    .select()
    .from(approvals)
    .where(
      and(
        eq(approvals.workspaceId, workspaceId),
        eq(approvals.runId, runId),
        eq(approvals.turn, step.turn),
        eq(approvals.callIndex, step.callIndex),
      ),
    )
    .orderBy(desc(approvals.number))
    .limit(1);
  return rows[0] ?? null;
}

/** Every approval of a run, in the order asked. */
export async function approvalsOfRun(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  runId: string,
): Promise<Approval[]> {
  return db
    .select()
    .from(approvals)
    .where(and(eq(approvals.workspaceId, workspaceId), eq(approvals.runId, runId)))
    .orderBy(asc(approvals.number));
}

/** What waits for somebody in a workspace, the oldest first. */
export async function pendingApprovals(db: Database | Transaction, workspaceId: WorkspaceId): Promise<Approval[]> {
  return db
    .select()
    .from(approvals)
    .where(and(eq(approvals.workspaceId, workspaceId), eq(approvals.status, "pending")))
    .orderBy(asc(approvals.number));
}

/** A yes that nobody used in its time, over all workspaces. */
export async function unusedApprovals(db: Database, now: Date, limit: number): Promise<Approval[]> {
  return db
    .select()
    .from(approvals)
    .where(and(eq(approvals.status, "approved"), lte(approvals.expiresAt, now)))
    .orderBy(asc(approvals.expiresAt))
    .limit(limit);
}

/** The one mutator of an approval's status: compare and set. @returns false when it was not in `from` any more */
export async function moveApproval(
  tx: Transaction,
  approval: Pick<Approval, "id" | "workspaceId">,
  from: ApprovalStatus,
  to: ApprovalStatus,
  change: { readonly deciderId?: MemberId; readonly reason?: string | null; readonly decidedAt?: Date } = {},
): Promise<boolean> {
  if (!(APPROVAL_TRANSITIONS[from] as readonly ApprovalStatus[]).includes(to)) {
    throw new ClawError("bug", `an approval cannot go from ${from} to ${to}`);
  }
  const rows = await tx
    .update(approvals)
    .set({ ...change, status: to })
    .where(
      and(eq(approvals.workspaceId, approval.workspaceId), eq(approvals.id, approval.id), eq(approvals.status, from)),
    )
    .returning({ id: approvals.id });
  return rows.length > 0;
}

/** A member votes once; a second vote of the same member changes nothing. @returns whether it was the first */
export async function insertVote(
  tx: Transaction,
  vote: {
    readonly workspaceId: WorkspaceId;
    readonly approvalId: string;
    readonly memberId: MemberId;
    readonly choice: "approve" | "deny";
    readonly reason: string | null;
    readonly at: Date;
  },
): Promise<boolean> {
  const rows = await tx.insert(votes).values(vote).onConflictDoNothing().returning({ at: votes.at });
  return rows.length > 0;
}

/** Who said yes before may still say no. */
export async function changeToNo(
  tx: Transaction,
  approval: Pick<Approval, "id" | "workspaceId">,
  memberId: MemberId,
  reason: string | null,
  at: Date,
): Promise<void> {
  await tx
    .update(votes)
    .set({ choice: "deny", reason, at })
    .where(
      and(eq(votes.workspaceId, approval.workspaceId), eq(votes.approvalId, approval.id), eq(votes.memberId, memberId)),
    );
}

/** Who said yes. */
export async function yesesOf(tx: Transaction, approval: Pick<Approval, "id" | "workspaceId">): Promise<MemberId[]> {
  const rows = await tx
    .select({ memberId: votes.memberId })
    .from(votes)
    .where(
      and(eq(votes.workspaceId, approval.workspaceId), eq(votes.approvalId, approval.id), eq(votes.choice, "approve")),
    );
  return rows.map(({ memberId }) => memberId);
}

/** Open approvals whose half time has come, over all workspaces. */
export async function approvalsToRemind(db: Database, now: Date, limit: number): Promise<Approval[]> {
  return db
    .select()
    .from(approvals)
    .where(and(eq(approvals.status, "pending"), lte(approvals.remindAt, now)))
    .orderBy(asc(approvals.remindAt))
    .limit(limit);
}

/** @returns false when somebody was reminded before, or it was decided */
export async function clearReminder(tx: Transaction, approval: Pick<Approval, "id" | "workspaceId">): Promise<boolean> {
  const rows = await tx
    .update(approvals)
    .set({ remindAt: null })
    .where(
      and(
        eq(approvals.workspaceId, approval.workspaceId),
        eq(approvals.id, approval.id),
        eq(approvals.status, "pending"),
        isNotNull(approvals.remindAt),
      ),
    )
    .returning({ id: approvals.id });
  return rows.length > 0;
}

/** Ids of what these runs ask people and nobody has decided. */
export async function pendingOfRuns(
  tx: Transaction,
  workspaceId: WorkspaceId,
  runIds: readonly string[],
): Promise<string[]> {
  if (runIds.length === 0) return [];
  const rows = await tx
    .select({ id: approvals.id })
    .from(approvals)
    .where(
      and(
        eq(approvals.workspaceId, workspaceId),
        inArray(approvals.runId, [...runIds]),
        eq(approvals.status, "pending"),
      ),
    )
    .orderBy(asc(approvals.number));
  return rows.map(({ id }) => id);
}
