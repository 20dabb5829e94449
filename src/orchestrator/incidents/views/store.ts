/** Incidents and dead letters as people are shown them. */
import { sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import type { WorkspaceId } from "../../ports.ts";
import type { IncidentView, LetterView } from "../../views.ts";
import { deadOfIncidents, openIncidents } from "../store.ts";

/** What is open in a workspace, or in some of its workflows; what failed last comes first. */
export async function incidentViews(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  workflowIds: readonly string[] | null,
): Promise<IncidentView[]> {
  const open = await openIncidents(db, workspaceId, workflowIds);
  if (open.length === 0) return [];
  const dead = await deadOfIncidents(
    db,
    workspaceId,
    open.map(({ id }) => id),
  );
  const ids = [...new Set(open.map(({ workflowId }) => workflowId))];
  const names = await db.execute<{ id: string; name: string }>(
    sql`select id, name from workflows where workspace_id = ${workspaceId} and id = any(${sql.param(ids)}::uuid[])`,
  );
  const nameOf = new Map(names.map(({ id, name }) => [id, name]));
  return open.map((incident) => ({
    incidentId: incident.id,
    workflowId: incident.workflowId,
    name: nameOf.get(incident.workflowId) ?? "",
    count: incident.count,
    failure: incident.failure,
    since: incident.startedAt.toISOString(),
    lastAt: incident.lastAt.toISOString(),
    firstRun: incident.firstRunNumber,
    lastRun: { runId: incident.lastRunId, number: incident.lastRunNumber },
    dead: dead.get(incident.id) ?? 0,
    acknowledged:
      incident.acknowledgedBy !== null && incident.acknowledgedAt
        ? { by: incident.acknowledgedBy, at: incident.acknowledgedAt.toISOString() }
        : null,
  }));
}

/** Where each of these runs stopped for good: the last step that failed, and its tries. */
export async function letterViews(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  runIds: readonly string[],
): Promise<Map<string, LetterView>> {
  if (runIds.length === 0) return new Map();
  const rows = await db.execute<{
    runId: string;
    turn: number | null;
    callIndex: number | null;
    name: string | null;
    attempts: number | null;
    since: string | Date | null;
  }>(sql`
    select r.id as "runId", s.turn, s.call_index as "callIndex", s.name, s.attempts,
      coalesce(
        (select max(e.at) from audit_events e where e.run_id = r.id and e.action = 'run.dead'),
        s.ended_at, s.started_at) as since
    from runs r
    left join lateral (
      select * from steps where run_id = r.id and status not in ('succeeded', 'refused')
      order by (failure is not null) desc, turn desc, call_index desc limit 1) s on true
    where r.workspace_id = ${workspaceId} and r.status = 'dead' and r.id = any(${sql.param([...runIds])}::uuid[])`);
  return new Map(
    rows.map((row) => [
      row.runId,
      {
        since: row.since === null ? null : new Date(row.since).toISOString(),
        step:
          row.turn === null || row.callIndex === null || row.name === null
            ? null
            : { turn: row.turn, callIndex: row.callIndex, name: row.name, attempts: row.attempts ?? 0 },
      },
    ]),
  );
}
