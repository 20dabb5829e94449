/** Firings whose gate is to be asked, and what gates saw last, in SQL. */
import { and, asc, eq, isNull, lt, lte, or, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { baselines, checks, firings } from "../../db/schema.ts";
import { storable } from "../../db/storable.ts";
import type { Failure } from "../../errors.ts";
import { goesOn } from "../../stops/store.ts";

export interface Check {
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly firingId: string;
  /** With the one that is under way. */
  readonly attempts: number;
}

export interface NewCheck {
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly firingId: string;
  readonly dueAt: Date;
}

export async function insertChecks(tx: Transaction, added: readonly NewCheck[]): Promise<void> {
  if (added.length > 0)
    await tx
      .insert(checks)
      .values([...added])
      .onConflictDoNothing();
}

/** Takes what is due and nobody holds, where nothing is stopped; each take counts as an attempt. */
export async function claimChecks(
  db: Database,
  claim: { readonly owner: string; readonly now: Date; readonly leaseMs: number; readonly limit: number },
): Promise<Check[]> {
  const due = db
    .select({ id: checks.firingId })
    .from(checks)
    .where(
      and(
        lte(checks.dueAt, claim.now),
        or(isNull(checks.leaseUntil), lt(checks.leaseUntil, claim.now)),
        goesOn("checks.workspace_id"),
      ),
    )
    .orderBy(asc(checks.dueAt))
    .limit(claim.limit)
    .for("update", { skipLocked: true });
  return db
    .update(checks)
    .set({
      attempts: sql`${checks.attempts} + 1`,
      leaseOwner: claim.owner,
      leaseUntil: new Date(claim.now.getTime() + claim.leaseMs),
    })
    .where(sql`${checks.firingId} in ${due}`)
    .returning({
      workspaceId: checks.workspaceId,
      workflowId: checks.workflowId,
      firingId: checks.firingId,
      attempts: checks.attempts,
    });
}

const held = (check: Check, owner: string) =>
  and(eq(checks.workspaceId, check.workspaceId), eq(checks.firingId, check.firingId), eq(checks.leaseOwner, owner));

/** @returns false when somebody else holds it by now */
export async function endCheck(tx: Transaction, check: Check, owner: string): Promise<boolean> {
  return (await tx.delete(checks).where(held(check, owner)).returning({ id: checks.firingId })).length > 0;
}

/** Gives it back until then. @param attempts how many it has had then; as many as it has when left out */
export async function putOffCheck(
  db: Database | Transaction,
  check: Check,
  owner: string,
  dueAt: Date,
  attempts = check.attempts,
): Promise<void> {
  await db.update(checks).set({ dueAt, attempts, leaseOwner: null, leaseUntil: null }).where(held(check, owner));
}

/** When its firing came; null when that is gone. */
export async function waitingSince(tx: Transaction, check: Check): Promise<Date | null> {
  const [row] = await tx
    .select({ at: firings.createdAt })
    .from(firings)
    .where(and(eq(firings.workspaceId, check.workspaceId), eq(firings.id, check.firingId)));
  return row?.at ?? null;
}

/** When a check is due next; null when none is. */
export async function soonestCheck(db: Database): Promise<Date | null> {
  const [row] = await db
    .select({ at: sql<string>`greatest(${checks.dueAt}, coalesce(${checks.leaseUntil}, ${checks.dueAt}))` })
    .from(checks)
    .orderBy(asc(sql`greatest(${checks.dueAt}, coalesce(${checks.leaseUntil}, ${checks.dueAt}))`))
    .limit(1);
  return row ? new Date(row.at) : null;
}

export interface Baseline {
  /** Hash of what is looked at. */
  readonly gate: string;
  /** What was seen last; null: nothing yet. */
  readonly seen: unknown;
  readonly seenAt: Date | null;
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly failure: Failure | null;
}

/** What a gate saw last; null of a gate that was never asked, or not this one. */
export async function readBaseline(
  db: Database | Transaction,
  workflow: { readonly workspaceId: string; readonly id: string },
  gate: string | null,
): Promise<Baseline | null> {
  const [row] = await db
    .select()
    .from(baselines)
    .where(
      and(
        eq(baselines.workspaceId, workflow.workspaceId),
        eq(baselines.workflowId, workflow.id),
        gate === null ? undefined : eq(baselines.gate, gate),
      ),
    );
  return row ?? null;
}

/** Under the lock of the workflow. */
export async function writeBaseline(
  tx: Transaction,
  workflow: { readonly workspaceId: string; readonly id: string },
  baseline: Baseline,
): Promise<void> {
  const values = { ...baseline, seen: baseline.seen === null ? null : storable(baseline.seen) };
  await tx
    .insert(baselines)
    .values({ workspaceId: workflow.workspaceId, workflowId: workflow.id, ...values })
    .onConflictDoUpdate({ target: baselines.workflowId, set: values });
}
