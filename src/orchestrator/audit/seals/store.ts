/** Seals and the events under them in PostgreSQL. Only the sealer writes here. */
import { and, asc, count, desc, eq, gt, isNull, max, min, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { auditEvents, auditSeals, workspaces } from "../../db/schema.ts";
import type { WorkspaceId } from "../../ports.ts";
import type { Seal, StoredEvent } from "./seal.ts";

const STORED_EVENT = {
  id: auditEvents.id,
  workspaceId: auditEvents.workspaceId,
  at: auditEvents.at,
  actor: auditEvents.actor,
  action: auditEvents.action,
  subjectKind: auditEvents.subjectKind,
  subjectId: auditEvents.subjectId,
  workflowId: auditEvents.workflowId,
  runId: auditEvents.runId,
  detail: sql<string>`${auditEvents.detail}::text`,
  seal: auditEvents.seal,
};

const arrayOf = (ids: readonly number[]) => sql`${`{${ids.filter(Number.isSafeInteger).join(",")}}`}::bigint[]`;

/** Every workspace there is, also those without an event. */
export async function workspacesOfAudit(db: Database | Transaction): Promise<WorkspaceId[]> {
  const rows = await db.select({ id: workspaces.id }).from(workspaces).orderBy(asc(workspaces.id));
  return rows.map((row) => row.id);
}

/** Those with something to seal. */
export async function unsealedWorkspaces(db: Database): Promise<WorkspaceId[]> {
  const rows = await db
    .selectDistinct({ id: auditEvents.workspaceId })
    .from(auditEvents)
    .where(isNull(auditEvents.seal));
  return rows.map((row) => row.id);
}

/** Held until the transaction ends. @returns false when another process seals this workspace now */
export async function trySealingLock(tx: Transaction, workspaceId: WorkspaceId): Promise<boolean> {
  const [row] = await tx.execute<{ held: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended(${`claw.audit.seal:${workspaceId}`}, 0)) as held`,
  );
  return row?.held === true;
}

/** The oldest events that are committed and in no seal, by id. */
export async function unsealedEvents(tx: Transaction, workspaceId: WorkspaceId, limit: number): Promise<StoredEvent[]> {
  return tx
    .select(STORED_EVENT)
    .from(auditEvents)
    .where(and(eq(auditEvents.workspaceId, workspaceId), isNull(auditEvents.seal)))
    .orderBy(asc(auditEvents.id))
    .limit(limit);
}

export async function lastSeal(db: Database | Transaction, workspaceId: WorkspaceId): Promise<Seal | null> {
  const [seal] = await db
    .select()
    .from(auditSeals)
    .where(eq(auditSeals.workspaceId, workspaceId))
    .orderBy(desc(auditSeals.number))
    .limit(1);
  return seal ?? null;
}

/** @returns how many events were marked; fewer than the seal lists means somebody changed them meanwhile: undo */
export async function insertSeal(tx: Transaction, seal: Seal): Promise<number> {
  await tx.insert(auditSeals).values({ ...seal, eventIds: [...seal.eventIds], eventHashes: [...seal.eventHashes] });
  const marked = await tx
    .update(auditEvents)
    .set({ seal: seal.number })
    .where(
      and(
        eq(auditEvents.workspaceId, seal.workspaceId),
        isNull(auditEvents.seal),
        sql`${auditEvents.id} = any(${arrayOf(seal.eventIds)})`,
      ),
    )
    .returning({ id: auditEvents.id });
  return marked.length;
}

/** @param after number of the last seal of the page before; null begins */
export async function sealsAfter(
  tx: Transaction,
  workspaceId: WorkspaceId,
  after: number | null,
  limit: number,
): Promise<Seal[]> {
  return tx
    .select()
    .from(auditSeals)
    .where(and(eq(auditSeals.workspaceId, workspaceId), after === null ? undefined : gt(auditSeals.number, after)))
    .orderBy(asc(auditSeals.number))
    .limit(limit);
}

export async function eventsById(
  tx: Transaction,
  workspaceId: WorkspaceId,
  ids: readonly number[],
): Promise<Map<number, StoredEvent>> {
  const rows = await tx
    .select(STORED_EVENT)
    .from(auditEvents)
    .where(and(eq(auditEvents.workspaceId, workspaceId), sql`${auditEvents.id} = any(${arrayOf(ids)})`));
  return new Map(rows.map((row) => [row.id, row]));
}

export interface UnlistedEvents {
  /** The seal's number that they carry. */
  readonly seal: number;
  readonly count: number;
  readonly firstId: number;
  readonly lastId: number;
}

/** Events marked as sealed by a seal that does not list them, or that there is not. */
export async function unlistedEvents(tx: Transaction, workspaceId: WorkspaceId): Promise<UnlistedEvents[]> {
  const rows = await tx.execute<{ seal: number; count: string; first: string; last: string }>(sql`
    select seal, count(*) as count, min(id) as first, max(id) as last
    from (
      select id, seal from audit_events where workspace_id = ${workspaceId} and seal is not null
      except
      select unnest(event_ids), number from audit_seals where workspace_id = ${workspaceId}
    ) as unlisted
    group by seal order by seal`);
  return rows.map((row) => ({
    seal: row.seal,
    count: Number(row.count),
    firstId: Number(row.first),
    lastId: Number(row.last),
  }));
}

export interface UnsealedTail {
  readonly count: number;
  readonly firstId: number;
  readonly lastId: number;
  /** ISO instants of the earliest and the latest event. */
  readonly firstAt: string;
  readonly lastAt: string;
}

/** What no seal covers yet; null when there is none. */
export async function unsealedTail(tx: Transaction, workspaceId: WorkspaceId): Promise<UnsealedTail | null> {
  const [row] = await tx
    .select({
      count: count(),
      firstId: min(auditEvents.id),
      lastId: max(auditEvents.id),
      firstAt: min(auditEvents.at),
      lastAt: max(auditEvents.at),
    })
    .from(auditEvents)
    .where(and(eq(auditEvents.workspaceId, workspaceId), isNull(auditEvents.seal)));
  if (!row?.firstAt || !row.lastAt || row.firstId === null || row.lastId === null) return null;
  return {
    count: row.count,
    firstId: row.firstId,
    lastId: row.lastId,
    firstAt: row.firstAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
  };
}
