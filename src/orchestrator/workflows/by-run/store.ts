/** Which runs led to a run, and what runs have asked of workflows, in SQL. */
import { and, count, eq, gt, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { firings, revisions, runs } from "../../db/schema.ts";
import type { WorkspaceId } from "../../ports.ts";
import type { StartedRun } from "../../runs/start.ts";
import type { Revision } from "../workflow.ts";

/** The key of a firing that a step of a run asks for; its first part is the run, as with the ends of runs. */
export const askedKey = (runId: string, step: string): string => `${runId}:${step}`;

/** What a workflow that a run created was created from. */
export const createdKey = (runId: string, step: string): string => `run:${runId}:${step}`;

/**
 * The workflows of a run, of the run that started it, and so on: by asking for it, or by its end. The latest first; one
 * workflow may be there twice.
 */
export async function lineageOf(
  tx: Transaction,
  workspaceId: WorkspaceId,
  runId: string,
): Promise<{ readonly id: string; readonly name: string }[]> {
  return tx.execute<{ id: string; name: string }>(sql`
    with recursive line (run_id, workflow_id, firing_id, far) as (
      select r.id, r.workflow_id, r.firing_id, 0 from runs r where r.workspace_id = ${workspaceId} and r.id = ${runId}
      union all
      select p.id, p.workflow_id, p.firing_id, l.far + 1 from line l
      join firings f on f.id = l.firing_id and f.kind in ('outcome', 'workflow')
      join runs p on p.workspace_id = ${workspaceId} and p.id::text = split_part(f.key, ':', 1)
      where l.far < 50)
    select l.workflow_id as id, w.name from line l join workflows w on w.id = l.workflow_id order by l.far`);
}

type Asked = { readonly workspaceId: WorkspaceId; readonly id: string };

/** The firings of a workflow that runs asked for. */
const askedOf = ({ workspaceId, id }: Asked) =>
  and(eq(firings.workspaceId, workspaceId), eq(firings.workflowId, id), eq(firings.kind, "workflow"));

/** The run that a step has started already; null when it has not. */
export async function runAskedBy(tx: Transaction, workflow: Asked, key: string): Promise<StartedRun | null> {
  const [row] = await tx
    .select({ runId: runs.id, number: runs.number })
    .from(firings)
    .innerJoin(runs, eq(runs.firingId, firings.id))
    .where(and(askedOf(workflow), eq(firings.key, key)))
    .orderBy(runs.number)
    .limit(1);
  return row ?? null;
}

/** How often runs of others have started a workflow since then. */
export async function askedSince(tx: Transaction, workflow: Asked, since: Date): Promise<number> {
  const [row] = await tx
    .select({ many: count() })
    .from(firings)
    .where(and(askedOf(workflow), gt(firings.createdAt, since)));
  return row?.many ?? 0;
}

/** What a step has created already; null when it has not. */
export async function createdBy(
  tx: Transaction,
  workspaceId: WorkspaceId,
  key: string,
): Promise<{ readonly name: string; readonly nextAt: Date | null } | null> {
  const [row] = await tx.execute<{ name: string; next: string | null }>(sql`
    select name, next_slot_at::text as next from workflows
    where workspace_id = ${workspaceId} and created_from = ${key} and status <> 'draft'`);
  return row ? { name: row.name, nextAt: row.next === null ? null : new Date(row.next) } : null;
}

/** Names of workflows that were created by runs which had read text of outsiders: so their words may be those of outsiders. */
export async function madeOutside(db: Database | Transaction, workspaceId: WorkspaceId): Promise<ReadonlySet<string>> {
  const rows = await db.execute<{ name: string }>(sql`
    select w.name from workflows w
    join runs r on r.workspace_id = w.workspace_id and r.id::text = split_part(w.created_from, ':', 2)
    where w.workspace_id = ${workspaceId} and starts_with(w.created_from, 'run:')
      and (r.tainted or exists (select 1 from steps s where s.run_id = r.id and s.tainted))`);
  return new Set(rows.map(({ name }) => name));
}

/** What a run may use and spend, as it was pinned; null when there is no such run. */
export async function pinnedOf(
  tx: Transaction,
  workspaceId: WorkspaceId,
  runId: string,
): Promise<Pick<Revision, "tools" | "policies"> | null> {
  const [row] = await tx
    .select({ tools: revisions.tools, policies: revisions.policies })
    .from(runs)
    .innerJoin(revisions, and(eq(revisions.workflowId, runs.workflowId), eq(revisions.number, runs.revision)))
    .where(and(eq(runs.workspaceId, workspaceId), eq(runs.id, runId)));
  return row ?? null;
}
