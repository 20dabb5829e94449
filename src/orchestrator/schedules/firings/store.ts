/** Firings in SQL. A firing is inserted once, by its key, and decided once. */
import { and, asc, eq, inArray, isNotNull, isNull, lt, ne, sql } from "drizzle-orm";
import { insertMany } from "../../db/bulk.ts";
import type { Database, Transaction } from "../../db/client.ts";
import { firings, runs } from "../../db/schema.ts";
import { storable } from "../../db/storable.ts";
import { ASKED_FOR } from "../../runs/wait.ts";
import type { FiringGate, FiringKind, FiringOutcome } from "../firing.ts";
import type { OpenRun } from "../overlap.ts";

export interface NewFiring {
  readonly id: string;
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly kind: FiringKind;
  readonly key: string;
  readonly plannedAt: Date;
  /** Null: decided later, when the run before it has ended. */
  readonly outcome: FiringOutcome | null;
  readonly reason: string | null;
  /** Absent: it has none. Rows that are inserted together all say, or none does. */
  readonly gate?: FiringGate | null;
  readonly count: number;
  readonly payload: unknown;
  readonly createdAt: Date;
}

/** Undecided, and no gate is asked about it. */
const WAITS = sql`${firings.outcome} is null and ${firings.gate} is distinct from 'checking'`;

/** @returns the ids that were new; a key that was there already has its run or its reason, and is left alone */
export async function insertFirings(tx: Transaction, added: readonly NewFiring[]): Promise<Set<string>> {
  if (added.length === 0) return new Set();
  const rows = await tx.execute<{ id: string }>(sql`${insertMany(firings, added)} on conflict do nothing returning id`);
  return new Set(rows.map(({ id }) => id));
}

/** Compare and set: decides a firing that was left undecided. */
export async function decideFiring(
  tx: Transaction,
  firing: { readonly workspaceId: string; readonly id: string },
  outcome: FiringOutcome,
  reason: string | null,
): Promise<boolean> {
  const rows = await tx
    .update(firings)
    .set({ outcome, reason })
    .where(and(eq(firings.workspaceId, firing.workspaceId), eq(firings.id, firing.id), isNull(firings.outcome)))
    .returning({ id: firings.id });
  return rows.length > 0;
}

/** An undecided firing: its gate is asked from now on, or said yes. */
export async function setFiringGate(
  tx: Transaction,
  firing: { readonly workspaceId: string; readonly id: string },
  gate: FiringGate,
): Promise<void> {
  await tx
    .update(firings)
    .set({ gate })
    .where(and(eq(firings.workspaceId, firing.workspaceId), eq(firings.id, firing.id), isNull(firings.outcome)));
}

/** What a firing that is undecided stands for; null once it is decided. */
export async function undecidedFiring(
  tx: Transaction,
  firing: { readonly workspaceId: string; readonly id: string },
): Promise<{ id: string; kind: FiringKind; plannedAt: Date; payload: unknown } | null> {
  const rows = await tx
    .select({ id: firings.id, kind: firings.kind, plannedAt: firings.plannedAt, payload: firings.payload })
    .from(firings)
    .where(and(eq(firings.workspaceId, firing.workspaceId), eq(firings.id, firing.id), isNull(firings.outcome)))
    .for("update");
  return rows[0] ?? null;
}

/** An event that was left out and is kept, so that it can be done after all; null for anything else. */
export async function leftOutFiring(
  tx: Transaction,
  firing: { readonly workspaceId: string; readonly id: string },
): Promise<{ readonly workflowId: string; readonly payload: unknown } | null> {
  const rows = await tx
    .select({ workflowId: firings.workflowId, payload: firings.payload })
    .from(firings)
    .where(
      and(
        eq(firings.workspaceId, firing.workspaceId),
        eq(firings.id, firing.id),
        eq(firings.outcome, "skipped"),
        inArray(firings.kind, ["webhook", "message", "reaction", "outcome"]),
        isNotNull(firings.payload),
      ),
    );
  return rows[0] ?? null;
}

/** What a firing's run is told of it. */
export async function setPayload(
  tx: Transaction,
  firing: { readonly workspaceId: string; readonly id: string },
  payload: unknown,
): Promise<void> {
  await tx
    .update(firings)
    .set({ payload: storable(payload) })
    .where(and(eq(firings.workspaceId, firing.workspaceId), eq(firings.id, firing.id)));
}

/**
 * The firing of a workflow that waits for the run before it and comes next; locked. What is backfilled lets slots go first,
 * and what its gate is just asked about waits for that.
 */
export async function nextUndecided(
  tx: Transaction,
  workflow: { readonly workspaceId: string; readonly id: string },
): Promise<{ id: string; kind: FiringKind; gate: FiringGate | null } | null> {
  const rows = await tx
    .select({ id: firings.id, kind: firings.kind, gate: firings.gate })
    .from(firings)
    .where(and(eq(firings.workspaceId, workflow.workspaceId), eq(firings.workflowId, workflow.id), WAITS))
    .orderBy(sql`${firings.kind} = 'backfill'`, asc(firings.plannedAt))
    .limit(1)
    .for("update");
  return rows[0] ?? null;
}

/** How many firings wait undecided, by workflow; what is backfilled takes no slot's place. */
export async function undecidedCounts(tx: Transaction, workflowIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx
    .select({ workflowId: firings.workflowId, count: sql<number>`count(*)::int` })
    .from(firings)
    .where(and(inArray(firings.workflowId, [...workflowIds]), WAITS, ne(firings.kind, "backfill")))
    .groupBy(firings.workflowId);
  return new Map(rows.map((row) => [row.workflowId, row.count]));
}

/** Every firing of a workflow that is still undecided gets this outcome, because the workflow stops. */
export async function decideAllUndecided(
  tx: Transaction,
  workflow: { readonly workspaceId: string; readonly id: string },
  reason: string,
): Promise<void> {
  await tx
    .update(firings)
    .set({ outcome: "skipped", reason })
    .where(
      and(eq(firings.workspaceId, workflow.workspaceId), eq(firings.workflowId, workflow.id), isNull(firings.outcome)),
    );
}

/**
 * Slots that wait for a run which is being cancelled are overtaken by a later one.
 * @param slot the one that stays
 */
export async function collapseWaiting(
  tx: Transaction,
  workflow: { readonly workspaceId: string; readonly id: string },
  slot: Date,
): Promise<void> {
  await tx
    .update(firings)
    .set({ outcome: "collapsed", reason: `into ${slot.toISOString()}` })
    .where(
      and(
        eq(firings.workspaceId, workflow.workspaceId),
        eq(firings.workflowId, workflow.id),
        ne(firings.kind, "backfill"),
        WAITS,
        lt(firings.plannedAt, slot),
      ),
    );
}

/** The runs of these workflows that have not ended; replays touch nothing and are in nobody's way. */
export async function openRunsOf(
  db: Database | Transaction,
  workflowIds: readonly string[],
): Promise<Map<string, OpenRun[]>> {
  const rows = await db
    .select({
      workflowId: runs.workflowId,
      runId: runs.id,
      number: runs.number,
      status: runs.status,
      // Names in full: in a select without a join the query builder writes bare columns, which here would be the wait's.
      onlyRetrying: sql<boolean>`runs.status = 'waiting' and not exists (
        select 1 from waits w where w.run_id = runs.id and w.status = 'open' and w.kind <> 'retry')`,
      waitsForMoney: sql<boolean>`runs.status = 'waiting' and exists (
        select 1 from waits w where w.run_id = runs.id and w.status = 'open' and w.kind = 'budget')`,
      waitsUntil: sql<number | null>`case when runs.status = 'waiting' then (
        select (extract(epoch from max(w.due_at)) * 1000)::float8 from waits w
        where w.run_id = runs.id and w.status = 'open' and w.kind = 'timer' and w.detail->>'why' = ${ASKED_FOR}) end`,
      question: sql<number | null>`case when runs.status = 'waiting' then (
        select min((w.detail->>'number')::int) from waits w
        where w.run_id = runs.id and w.status = 'open' and w.kind = 'answer') end`,
    })
    .from(runs)
    .where(
      and(
        inArray(runs.workflowId, [...workflowIds]),
        inArray(runs.status, ["queued", "running", "waiting"]),
        eq(runs.rehearsal, false),
      ),
    )
    .orderBy(asc(runs.number));
  const open = new Map<string, OpenRun[]>();
  for (const { workflowId, ...run } of rows) {
    const of = open.get(workflowId) ?? [];
    of.push({ ...run, status: run.status as OpenRun["status"] });
    open.set(workflowId, of);
  }
  return open;
}
