/** Grants and their uses in SQL. */
import { and, asc, desc, eq, getTableColumns, gt, inArray, isNotNull, isNull, lt, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { grants, grantUses, runs } from "../db/schema.ts";
import type { WorkspaceId } from "../ports.ts";
import type { StepKey } from "../runs/step.ts";
import type { RunGrantView } from "../views.ts";
import { type Grant, grantWords, whyOver } from "./grant.ts";

type RunKey = { readonly id: string; readonly workspaceId: WorkspaceId };

/** Shown, and not given yet. */
export async function insertProposal(
  tx: Transaction,
  grant: Omit<Grant, "number" | "givenAt" | "revokedBy" | "revokedAt">,
) {
  await tx.insert(grants).values({ ...grant });
}

/** Null when the workspace has none such. Locked until the work ends. */
export async function lockGrant(
  tx: Transaction,
  workspaceId: WorkspaceId,
  which: { readonly id: string } | { readonly number: number },
): Promise<Grant | null> {
  const by = "id" in which ? eq(grants.id, which.id) : eq(grants.number, which.number);
  const rows = await tx
    .select()
    .from(grants)
    .where(and(eq(grants.workspaceId, workspaceId), by))
    .for("update");
  return rows[0] ?? null;
}

/** Null when the workspace has none such. */
export async function findGrant(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  id: string,
): Promise<Grant | null> {
  const rows = await db
    .select()
    .from(grants)
    .where(and(eq(grants.workspaceId, workspaceId), eq(grants.id, id)));
  return rows[0] ?? null;
}

export async function changeProposal(
  tx: Transaction,
  grant: RunKey,
  change: Pick<Grant, "pattern" | "uses" | "usesLeft" | "expiresAt" | "afterOutside">,
): Promise<boolean> {
  const rows = await tx
    .update(grants)
    .set(change)
    .where(and(eq(grants.workspaceId, grant.workspaceId), eq(grants.id, grant.id), isNull(grants.givenAt)))
    .returning({ id: grants.id });
  return rows.length > 0;
}

/** It holds from now on. @returns its number; null when it was given or dropped before */
export async function give(tx: Transaction, grant: RunKey, at: Date): Promise<number | null> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`grants:${grant.workspaceId}`}, 0))`);
  const rows = await tx
    .update(grants)
    .set({
      givenAt: at,
      number: sql`(select coalesce(max(g.number), 0) + 1 from grants g where g.workspace_id = ${grant.workspaceId})`,
    })
    .where(
      and(
        eq(grants.workspaceId, grant.workspaceId),
        eq(grants.id, grant.id),
        isNull(grants.givenAt),
        isNull(grants.revokedAt),
      ),
    )
    .returning({ number: grants.number });
  return rows[0]?.number ?? null;
}

/** It covers nothing any more. @returns false when it was revoked before */
export async function revokeGrant(tx: Transaction, grant: RunKey, by: string, at: Date): Promise<boolean> {
  const rows = await tx
    .update(grants)
    .set({ revokedBy: by, revokedAt: at })
    .where(and(eq(grants.workspaceId, grant.workspaceId), eq(grants.id, grant.id), isNull(grants.revokedAt)))
    .returning({ id: grants.id });
  return rows.length > 0;
}

/** What may cover a call of a workflow: given, not revoked, not over. The one that is over first comes first. */
export async function heldGrants(
  db: Database | Transaction,
  of: { readonly workspaceId: WorkspaceId; readonly workflowId: string; readonly tool: string; readonly now: Date },
): Promise<Grant[]> {
  return db
    .select()
    .from(grants)
    .where(
      and(
        eq(grants.workspaceId, of.workspaceId),
        eq(grants.workflowId, of.workflowId),
        eq(grants.tool, of.tool),
        isNotNull(grants.givenAt),
        isNull(grants.revokedAt),
        gt(grants.usesLeft, 0),
        gt(grants.expiresAt, of.now),
      ),
    )
    .orderBy(asc(grants.expiresAt), asc(grants.number));
}

/** Every grant that was given, the latest first. */
export async function listGrants(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  limit: number,
): Promise<Grant[]> {
  return db
    .select()
    .from(grants)
    .where(and(eq(grants.workspaceId, workspaceId), isNotNull(grants.givenAt)))
    .orderBy(desc(grants.number))
    .limit(limit);
}

/** What the step of a run used; null when it used none. */
export async function useOfStep(
  db: Database | Transaction,
  run: RunKey,
  step: StepKey,
): Promise<{ readonly grantId: string } | null> {
  const rows = await db
    .select({ grantId: grantUses.grantId })
    .from(grantUses)
    .where(
      and(
        eq(grantUses.workspaceId, run.workspaceId),
        eq(grantUses.runId, run.id),
        eq(grantUses.turn, step.turn),
        eq(grantUses.callIndex, step.callIndex),
      ),
    );
  return rows[0] ?? null;
}

/**
 * Takes one use, unless there is none left, it is over or revoked by now: compare and set.
 * @returns false when it can not be used
 */
export async function takeUse(tx: Transaction, grant: RunKey, run: RunKey, step: StepKey, now: Date): Promise<boolean> {
  const rows = await tx
    .update(grants)
    .set({ usesLeft: sql`${grants.usesLeft} - 1` })
    .where(
      and(
        eq(grants.workspaceId, grant.workspaceId),
        eq(grants.id, grant.id),
        isNotNull(grants.givenAt),
        isNull(grants.revokedAt),
        gt(grants.usesLeft, 0),
        gt(grants.expiresAt, now),
      ),
    )
    .returning({ id: grants.id });
  if (rows.length === 0) return false;
  await tx.insert(grantUses).values({
    workspaceId: run.workspaceId,
    grantId: grant.id,
    runId: run.id,
    turn: step.turn,
    callIndex: step.callIndex,
    at: now,
  });
  return true;
}

/** The grants that a run's steps used, in the order of its journal. */
export async function usesOfRun(
  db: Database | Transaction,
  run: RunKey,
): Promise<(StepKey & { readonly number: number; readonly tool: string; readonly by: string })[]> {
  const rows = await db
    .select({
      turn: grantUses.turn,
      callIndex: grantUses.callIndex,
      number: grants.number,
      tool: grants.tool,
      by: grants.proposedBy,
    })
    .from(grantUses)
    .innerJoin(grants, eq(grants.id, grantUses.grantId))
    .where(and(eq(grantUses.workspaceId, run.workspaceId), eq(grantUses.runId, run.id)))
    .orderBy(asc(grantUses.turn), asc(grantUses.callIndex));
  return rows.map((row) => ({ ...row, number: row.number ?? 0 }));
}

/** Proposals that nobody took up. */
export async function dropOldProposals(db: Database, before: Date): Promise<void> {
  const old = db
    .select({ id: grants.id })
    .from(grants)
    .where(and(isNull(grants.givenAt), lt(grants.proposedAt, before)))
    .limit(500);
  await db.delete(grants).where(inArray(grants.id, old));
}

/** What was given for a run's workflow and holds or was used by the run, in the order it was given. */
export async function grantsOfRun(
  db: Database | Transaction,
  run: { readonly workspaceId: WorkspaceId; readonly workflowId: string; readonly runId: string },
  now: Date,
): Promise<RunGrantView[]> {
  const used = sql<number>`(select count(*)::int from grant_uses u where u.grant_id = grants.id and u.run_id = ${run.runId})`;
  const rows = await db
    .select({ grant: getTableColumns(grants), usedHere: used })
    .from(grants)
    .where(
      and(eq(grants.workspaceId, run.workspaceId), eq(grants.workflowId, run.workflowId), isNotNull(grants.givenAt)),
    )
    .orderBy(asc(grants.number));
  return rows
    .map(({ grant, usedHere }) => ({
      number: grant.number ?? 0,
      words: grantWords(grant),
      uses: grant.uses,
      usesLeft: grant.usesLeft,
      expiresAt: grant.expiresAt.toISOString(),
      usedHere,
      // What a tool promises now only a process knows that has it; `/claw grants` says that too.
      over: whyOver(grant, now, { contractHash: grant.contractHash, instructionHash: null }),
    }))
    .filter(({ usedHere, over }) => usedHere > 0 || over === null);
}

/** Whether the latest run of a workflow read text that outsiders can write. */
export async function wasTainted(
  tx: Transaction,
  workflow: { readonly id: string; readonly workspaceId: WorkspaceId },
): Promise<boolean> {
  const [row] = await tx
    .select({ tainted: runs.tainted })
    .from(runs)
    .where(and(eq(runs.workspaceId, workflow.workspaceId), eq(runs.workflowId, workflow.id), eq(runs.rehearsal, false)))
    .orderBy(desc(runs.number))
    .limit(1);
  return row?.tainted ?? false;
}
