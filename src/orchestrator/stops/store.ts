/** Everything off, in SQL: a mark on the workspace that every look for work reads. */
import { and, eq, inArray, isNotNull, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { firings, workflows, workspaces } from "../db/schema.ts";
import type { ChannelId, WorkspaceId } from "../ports.ts";

/** Since when, and who said so: a member's name. */
export interface Stop {
  readonly at: Date;
  readonly by: string;
}

/** Holds while nothing is stopped there. @param workspace a column of the statement around it */
export const goesOnText = (workspace: string): string =>
  `not exists (select 1 from workspaces stopped where stopped.id = ${workspace} and stopped.stopped_at is not null)`;
export const goesOn = (workspace: string): SQL => sql.raw(goesOnText(workspace));

/** Null while it goes on, and for an unknown workspace. */
export async function stopOf(db: Database | Transaction, workspaceId: WorkspaceId): Promise<Stop | null> {
  const rows = await db
    .select({ at: workspaces.stoppedAt, by: workspaces.stoppedBy })
    .from(workspaces)
    .where(eq(workspaces.id, workspaceId));
  const row = rows[0];
  return row?.at ? { at: row.at, by: row.by ?? "somebody" } : null;
}

/** Compare and set. @returns false when it was stopped before */
export async function markStopped(tx: Transaction, workspaceId: WorkspaceId, stop: Stop): Promise<boolean> {
  const rows = await tx
    .update(workspaces)
    .set({ stoppedAt: stop.at, stoppedBy: stop.by })
    .where(and(eq(workspaces.id, workspaceId), isNull(workspaces.stoppedAt)))
    .returning({ id: workspaces.id });
  return rows.length > 0;
}

/** Compare and set. @returns false when somebody resumed it before */
export async function markResumed(tx: Transaction, workspaceId: WorkspaceId): Promise<boolean> {
  const rows = await tx
    .update(workspaces)
    .set({ stoppedAt: null, stoppedBy: null })
    .where(and(eq(workspaces.id, workspaceId), isNotNull(workspaces.stoppedAt)))
    .returning({ id: workspaces.id });
  return rows.length > 0;
}

/** Runs that a process holds where everything is stopped, and who stopped it. */
export async function stoppedRuns(
  db: Database,
  owner: string,
): Promise<readonly { readonly id: string; readonly by: string }[]> {
  return db.execute<{ id: string; by: string }>(sql`
    select r.id, coalesce(w.stopped_by, 'somebody') as by
    from runs r join workspaces w on w.id = r.workspace_id
    where r.lease_owner = ${owner} and r.status = 'running' and w.stopped_at is not null`);
}

/** The key under which everything that happens to a workflow meanwhile is counted. */
export const stopKey = ({ at }: Stop): string => `stopped:${at.toISOString()}`;
export const stoppedReason = ({ by }: Stop): string => `everything was stopped by ${by}`;

/**
 * Locks the active workflows whose slot has come meanwhile, and those that wait for something else: what happens to them
 * now is decided when the caller's work has ended.
 * @returns which of them have slots that have come, in the order of their locks
 */
export async function lockMeanwhile(tx: Transaction, workspaceId: WorkspaceId, now: Date): Promise<string[]> {
  const rows = await tx
    .select({ id: workflows.id, nextSlotAt: workflows.nextSlotAt })
    .from(workflows)
    .where(
      and(
        eq(workflows.workspaceId, workspaceId),
        eq(workflows.status, "active"),
        or(isNull(workflows.nextSlotAt), lte(workflows.nextSlotAt, now)),
      ),
    )
    .orderBy(workflows.id)
    .for("update");
  return rows.flatMap(({ id, nextSlotAt }) => (nextSlotAt ? [id] : []));
}

/** Something that a workflow waited for and that was left out, once or more often. */
export interface LeftOut {
  readonly firingId: string;
  readonly workflow: { readonly id: string; readonly name: string; readonly channelId: ChannelId };
  readonly count: number;
  readonly first: Date;
  readonly last: Date;
}

/** What was counted while this stop lasted. */
export async function leftOutBy(tx: Transaction, workspaceId: WorkspaceId, stop: Stop): Promise<LeftOut[]> {
  const rows = await tx
    .select({
      firingId: firings.id,
      id: workflows.id,
      name: workflows.name,
      channelId: workflows.channelId,
      count: firings.count,
      first: firings.createdAt,
      last: firings.plannedAt,
    })
    .from(firings)
    .innerJoin(workflows, eq(workflows.id, firings.workflowId))
    .where(
      and(
        eq(firings.workspaceId, workspaceId),
        eq(firings.key, stopKey(stop)),
        inArray(workflows.status, ["active", "paused"]),
      ),
    )
    .orderBy(workflows.id);
  return rows.map(({ id, name, channelId, ...row }) => ({ ...row, workflow: { id, name, channelId } }));
}

/** What stopping would hold up. */
export async function heldUp(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
): Promise<{ readonly running: number; readonly queued: number; readonly waiting: number; readonly active: number }> {
  const [row] = await db.execute<{ running: number; queued: number; waiting: number; active: number }>(sql`
    select (count(*) filter (where status = 'running'))::int as running,
      (count(*) filter (where status = 'queued'))::int as queued,
      (count(*) filter (where status = 'waiting'))::int as waiting,
      (select count(*)::int from workflows where workspace_id = ${workspaceId} and status = 'active') as active
    from runs where workspace_id = ${workspaceId} and status in ('running', 'queued', 'waiting')`);
  return row ?? { running: 0, queued: 0, waiting: 0, active: 0 };
}
