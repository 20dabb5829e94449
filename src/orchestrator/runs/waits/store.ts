/** Waits in SQL. */
import { and, asc, desc, eq, isNotNull, lte, ne, or, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { waits } from "../../db/schema.ts";
import type { Work } from "../../db/work.ts";
import type { Run } from "../run.ts";
import type { StepKey } from "../step.ts";
import { ASKED_FOR, type WaitKind, type WaitOutcome } from "../wait.ts";

export interface Wait {
  readonly id: string;
  readonly workspaceId: string;
  readonly runId: string;
  readonly step: StepKey | null;
  readonly kind: WaitKind;
  readonly dueAt: Date | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
}

type RunKey = Pick<Run, "id" | "workspaceId">;

const toWait = (row: typeof waits.$inferSelect): Wait => ({
  id: row.id,
  workspaceId: row.workspaceId,
  runId: row.runId,
  step: row.turn === null || row.callIndex === null ? null : { turn: row.turn, callIndex: row.callIndex },
  kind: row.kind,
  dueAt: row.dueAt,
  detail: row.detail,
  createdAt: row.createdAt,
});

/** Opens a wait; when it has a due time, someone looks then. */
export async function openWait(work: Work, wait: Omit<Wait, "createdAt">): Promise<void> {
  await work.tx.insert(waits).values({
    id: wait.id,
    workspaceId: wait.workspaceId,
    runId: wait.runId,
    turn: wait.step?.turn ?? null,
    callIndex: wait.step?.callIndex ?? null,
    kind: wait.kind,
    status: "open",
    dueAt: wait.dueAt,
    detail: wait.detail as Record<string, unknown>,
    createdAt: work.now,
  });
  if (wait.dueAt) work.wake("runs.due", wait.dueAt.getTime());
}

/** Compare and set. @returns null when it was closed already: somebody else decided */
export async function closeWait(
  work: Work,
  workspaceId: string,
  which: { readonly id: string } | { readonly run: RunKey; readonly step: StepKey; readonly kind: WaitKind },
  how: { outcome: WaitOutcome; by: string | null },
): Promise<Wait | null> {
  const match =
    "id" in which
      ? eq(waits.id, which.id)
      : and(
          eq(waits.runId, which.run.id),
          eq(waits.turn, which.step.turn),
          eq(waits.callIndex, which.step.callIndex),
          eq(waits.kind, which.kind),
        );
  const rows = await work.tx
    .update(waits)
    .set({ status: "closed", outcome: how.outcome, closedBy: how.by, closedAt: work.now })
    .where(and(eq(waits.workspaceId, workspaceId), eq(waits.status, "open"), match))
    .returning();
  return rows[0] ? toWait(rows[0]) : null;
}

/** The time of an open wait has come, and it stays open, without one. @returns false when it was closed or done before */
export async function clearDue(work: Work, wait: Pick<Wait, "id" | "workspaceId">): Promise<boolean> {
  const rows = await work.tx
    .update(waits)
    .set({ dueAt: null })
    .where(
      and(
        eq(waits.workspaceId, wait.workspaceId),
        eq(waits.id, wait.id),
        eq(waits.status, "open"),
        lte(waits.dueAt, work.now),
      ),
    )
    .returning({ id: waits.id });
  return rows.length > 0;
}

/** Closes whatever a run still waits for, because it ends. */
export async function closeWaitsOf(work: Work, run: RunKey, by: string | null): Promise<Wait[]> {
  const rows = await work.tx
    .update(waits)
    .set({ status: "closed", outcome: "cancelled", closedBy: by, closedAt: work.now })
    .where(and(eq(waits.workspaceId, run.workspaceId), eq(waits.runId, run.id), eq(waits.status, "open")))
    .returning();
  return rows.map(toWait);
}

export async function openWaitsOf(db: Database | Transaction, run: RunKey): Promise<Wait[]> {
  const rows = await db
    .select()
    .from(waits)
    .where(and(eq(waits.workspaceId, run.workspaceId), eq(waits.runId, run.id), eq(waits.status, "open")))
    .orderBy(asc(waits.createdAt));
  return rows.map(toWait);
}

/** What a step asked to wait for and has waited for, the last time; null when it has not. */
export async function waitedFor(tx: Transaction, run: RunKey, step: StepKey): Promise<Wait | null> {
  const rows = await tx
    .select()
    .from(waits)
    .where(
      and(
        eq(waits.workspaceId, run.workspaceId),
        eq(waits.runId, run.id),
        eq(waits.turn, step.turn),
        eq(waits.callIndex, step.callIndex),
        eq(waits.status, "closed"),
        ne(waits.outcome, "cancelled"),
        or(eq(waits.kind, "answer"), sql`${waits.kind} = 'timer' and ${waits.detail}->>'why' = ${ASKED_FOR}`),
      ),
    )
    .orderBy(desc(waits.closedAt))
    .limit(1);
  return rows[0] ? toWait(rows[0]) : null;
}

export async function findWait(
  tx: Transaction,
  workspaceId: string,
  id: string,
): Promise<(Wait & { open: boolean; closedBy: string | null; closedAt: Date | null }) | null> {
  const rows = await tx
    .select()
    .from(waits)
    .where(and(eq(waits.workspaceId, workspaceId), eq(waits.id, id)));
  const row = rows[0];
  return row ? { ...toWait(row), open: row.status === "open", closedBy: row.closedBy, closedAt: row.closedAt } : null;
}

/** Waits whose time has come, over all workspaces: what silence means is decided one by one, under the run's lock. */
export async function dueWaits(db: Database, now: Date, limit: number): Promise<Wait[]> {
  const rows = await db
    .select()
    .from(waits)
    .where(and(eq(waits.status, "open"), isNotNull(waits.dueAt), lte(waits.dueAt, now)))
    .orderBy(asc(waits.dueAt))
    .limit(limit);
  return rows.map(toWait);
}

/** Open waits for money of a workspace that the same day's ceiling refused. */
export async function waitsOfDay(tx: Transaction, workspaceId: string, day: string): Promise<Wait[]> {
  const rows = await tx
    .select()
    .from(waits)
    .where(
      and(
        eq(waits.workspaceId, workspaceId),
        eq(waits.status, "open"),
        eq(waits.kind, "budget"),
        sql`${waits.detail}->>'scope' = 'workspace_day' and ${waits.detail}->>'key' = ${day}`,
      ),
    )
    .orderBy(asc(waits.createdAt));
  return rows.map(toWait);
}
