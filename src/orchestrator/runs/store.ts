/** Runs in SQL: the queue, the lease, and the one mutator of a run's status. */
import { and, eq, sql } from "drizzle-orm";
import type { Before } from "../context/store.ts";
import { insertMany } from "../db/bulk.ts";
import type { Database, Transaction } from "../db/client.ts";
import { keepingPlans } from "../db/prepared.ts";
import { firings, members, revisions, runs, workflows, workspaces } from "../db/schema.ts";
import type { Work } from "../db/work.ts";
import { ClawError, type Failure } from "../errors.ts";
import type { RunRef } from "../events.ts";
import type { ToldMemory } from "../memory/ranking.ts";
import type { Role, WorkspaceId } from "../ports.ts";
import type { Revision } from "../workflows/workflow.ts";
import { type Claim, takeDue } from "./claims/store.ts";
import { mayBecome, type Run, type RunStatus, type Verdict } from "./run.ts";

/** A run that this process holds, with all it needs to go on. */
export interface HeldRun extends Run {
  readonly owner: string;
  readonly pinned: Revision;
  readonly workflowName: string;
  readonly ownerId: string;
  readonly channelId: string;
  readonly threadId: string | null;
  /** The workspace's zone: whose day pays. */
  readonly zone: string;
  /** Null when the workflow's owner has left or is unknown. */
  readonly ownerRole: Role | null;
  readonly payload: unknown;
  readonly plannedAt: Date;
  /** This claim took it from a worker that was lost while it held it. */
  readonly wasLost: boolean;
  /** Milliseconds that its lease is for; 0 for one that nobody holds. Every journal write renews what is half over. */
  readonly leaseMs: number;
  /** What its opening tells of the runs before it, when that was read along with the claim. */
  readonly before?: Before;
  /** What it may be told of what is remembered, when that was read along, too. */
  readonly memories?: readonly ToldMemory[];
}

/** Another worker has the run by now. A normal outcome, not an error to report. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

export const refOf = (run: Pick<HeldRun, "id" | "number" | "workflowId" | "workflowName">): RunRef => ({
  runId: run.id,
  number: run.number,
  workflowId: run.workflowId,
  name: run.workflowName,
});

/**
 * Takes queued runs that are due, as far as their limits let them, and running ones whose lease ran out.
 * @returns `heldBack`: others are due, which nothing but their limits keeps from running
 */
export async function claimRuns(db: Database, claim: Claim): Promise<{ runs: HeldRun[]; heldBack: boolean }> {
  const { runs: claimed, heldBack } = await takeDue(db, claim);
  if (claimed.length === 0) return { runs: [], heldBack };
  const ids = sql.param(claimed.map((row) => row.id));
  const rows = await selectHeld(keepingPlans(db)).where(
    and(sql`${runs.id} = any(${ids}::uuid[])`, eq(runs.leaseOwner, claim.owner)),
  );
  const lost = new Set(claimed.filter((row) => row.wasLost).map((row) => row.id));
  return {
    runs: rows.map((row) => ({
      ...held(row, claim.owner),
      wasLost: lost.has(row.run.id),
      leaseMs: claim.leaseMs,
    })),
    heldBack,
  };
}

const selectHeld = (db: Database | Transaction) =>
  db
    .select({
      run: runs,
      revision: revisions,
      workflow: workflows,
      firing: firings,
      owner: members,
      zone: workspaces.timezone,
    })
    .from(runs)
    .innerJoin(workflows, eq(workflows.id, runs.workflowId))
    .innerJoin(revisions, and(eq(revisions.workflowId, runs.workflowId), eq(revisions.number, runs.revision)))
    .innerJoin(workspaces, eq(workspaces.id, runs.workspaceId))
    .innerJoin(firings, eq(firings.id, runs.firingId))
    .leftJoin(members, and(eq(members.workspaceId, runs.workspaceId), eq(members.id, workflows.ownerId)));

function held(row: Awaited<ReturnType<typeof selectHeld>>[number], owner: string): HeldRun {
  return {
    ...row.run,
    owner,
    pinned: row.revision,
    workflowName: row.workflow.name,
    ownerId: row.workflow.ownerId,
    channelId: row.workflow.channelId,
    threadId: row.workflow.threadId,
    zone: row.zone,
    ownerRole: row.owner && row.owner.leftAt === null ? row.owner.role : null,
    payload: row.firing.payload,
    plannedAt: row.firing.plannedAt,
    wasLost: false,
    leaseMs: 0,
  };
}

/** A run whatever its state, for use cases that decide about it; its row is locked until the work ends. */
export async function lockRun(
  work: Work,
  workspaceId: WorkspaceId,
  which: { readonly id: string } | { readonly number: number },
): Promise<HeldRun | null> {
  const by = "id" in which ? eq(runs.id, which.id) : eq(runs.number, which.number);
  const rows = await selectHeld(work.tx)
    .where(and(eq(runs.workspaceId, workspaceId), by))
    .for("update", { of: runs });
  const row = rows[0];
  return row ? held(row, row.run.leaseOwner ?? "") : null;
}

/**
 * The fence: proves that this process still holds the run, and locks its row until the work ends. A lease that is half
 * over is renewed: while the row is locked, nobody else can.
 * @returns who asked to cancel it, or null
 * @throws LeaseLost when another worker has it
 */
export async function fence(work: Work, run: HeldRun): Promise<string | null> {
  const rows = await work.tx
    .select({ cancelRequestedBy: runs.cancelRequestedBy, leaseUntil: runs.leaseUntil })
    .from(runs)
    .where(and(mine(run), eq(runs.status, "running")))
    .for("update");
  const row = rows[0];
  if (!row) throw new LeaseLost();
  const now = work.now.getTime();
  if (row.leaseUntil !== null && row.leaseUntil.getTime() < now + run.leaseMs / 2) {
    await work.tx
      .update(runs)
      .set({ leaseUntil: new Date(now + run.leaseMs) })
      .where(mine(run));
  }
  return row.cancelRequestedBy;
}

const mine = (run: HeldRun) =>
  and(
    eq(runs.workspaceId, run.workspaceId),
    eq(runs.id, run.id),
    eq(runs.epoch, run.epoch),
    eq(runs.leaseOwner, run.owner),
  );

interface RunChange {
  readonly dueAt?: Date;
  readonly verdict?: Verdict;
  readonly failure?: Failure | null;
  readonly endedAt?: Date | null;
  readonly cancelRequestedBy?: null;
  /** Milliseconds under way up to now: given by whoever lets go of a running run. */
  readonly activeMs?: number;
}

/**
 * The one mutator of a run's status: compare and set.
 * @returns false when it was not in `from` any more: a lost race, which is a normal outcome
 * @throws ClawError `bug` for a transition that the state table does not have
 */
export async function moveRun(
  tx: Transaction,
  run: Pick<Run, "id" | "workspaceId">,
  from: RunStatus,
  to: RunStatus,
  change: RunChange = {},
): Promise<boolean> {
  if (!mayBecome(from, to)) throw new ClawError("bug", `a run cannot go from ${from} to ${to}`);
  const rows = await tx
    .update(runs)
    .set({ ...change, status: to, ...(to === "running" ? {} : { leaseOwner: null, leaseUntil: null }) })
    .where(and(eq(runs.workspaceId, run.workspaceId), eq(runs.id, run.id), eq(runs.status, from)))
    .returning({ id: runs.id });
  return rows.length > 0;
}

/** Whether the run has read text that outsiders can write, as its row says now. */
export async function isTainted(db: Database, run: Pick<Run, "id" | "workspaceId">): Promise<boolean> {
  const rows = await db
    .select({ tainted: runs.tainted })
    .from(runs)
    .where(and(eq(runs.workspaceId, run.workspaceId), eq(runs.id, run.id)));
  return rows[0]?.tainted ?? true;
}

/** Adds to what a run has cost, and remembers that it read outside text. */
export async function chargeRun(
  tx: Transaction,
  run: Pick<Run, "id" | "workspaceId">,
  add: { costMicros: number; tainted: boolean },
): Promise<void> {
  await tx
    .update(runs)
    .set({ costMicros: sql`${runs.costMicros} + ${add.costMicros}`, tainted: sql`${runs.tainted} or ${add.tainted}` })
    .where(and(eq(runs.workspaceId, run.workspaceId), eq(runs.id, run.id)));
}

/** Asks a running run to stop at its next journal write; its worker is told by the same row. */
export async function requestCancel(tx: Transaction, run: Pick<Run, "id" | "workspaceId">, by: string): Promise<void> {
  await tx
    .update(runs)
    .set({ cancelRequestedBy: by })
    .where(and(eq(runs.workspaceId, run.workspaceId), eq(runs.id, run.id)));
}

/** What the workflow's last run that ended well said. */
export async function lastVerdict(
  db: Database | Transaction,
  run: Pick<Run, "workspaceId" | "workflowId" | "number">,
): Promise<Verdict | null> {
  const rows = await db
    .select({ verdict: runs.verdict })
    .from(runs)
    .where(
      and(
        eq(runs.workspaceId, run.workspaceId),
        eq(runs.workflowId, run.workflowId),
        eq(runs.status, "succeeded"),
        eq(runs.rehearsal, false),
        sql`${runs.number} < ${run.number}`,
      ),
    )
    .orderBy(sql`${runs.number} desc`)
    .limit(1);
  return rows[0]?.verdict ?? null;
}

export type NewRun = Pick<
  Run,
  "id" | "workspaceId" | "workflowId" | "firingId" | "number" | "revision" | "pins" | "replayOf" | "dry" | "restartOf"
>;

/** Inserts queued runs, due at once. A firing has one run: its key is unique. */
export async function insertRuns(work: Work, added: readonly NewRun[]): Promise<void> {
  if (added.length === 0) return;
  const rows = added.map((run) => ({ ...run, status: "queued" as const, dueAt: work.now, createdAt: work.now }));
  await work.tx.execute(insertMany(runs, rows));
}

/** Takes `count` run numbers of a workspace. @returns the first of them */
export async function takeRunNumbers(tx: Transaction, workspaceId: WorkspaceId, count: number): Promise<number> {
  const rows = await tx
    .update(workspaces)
    .set({ runCounter: sql`${workspaces.runCounter} + ${count}` })
    .where(eq(workspaces.id, workspaceId))
    .returning({ last: workspaces.runCounter });
  const row = rows[0];
  if (!row) throw new ClawError("bug", `no workspace ${workspaceId}`);
  return row.last - count + 1;
}
