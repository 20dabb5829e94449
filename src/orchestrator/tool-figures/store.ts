/** How the tools of a workspace fare: calls, failures, how long they take. */
import { sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";

export interface ToolFigures {
  readonly tool: string;
  /** Attempts that were made. */
  readonly calls: number;
  readonly failures: number;
  /** Milliseconds that 95 of 100 attempts stay under; null when none has ended. */
  readonly p95Ms: number | null;
}

/** @param workspaceId null: of all workspaces together @param since attempts before it do not count */
export async function toolFigures(
  db: Database | Transaction,
  workspaceId: string | null,
  since: Date,
): Promise<readonly ToolFigures[]> {
  const rows = await db.execute<{ tool: string; calls: number; failures: number; p95: number | null }>(sql`
    select s.name as tool, count(*)::int as calls, count(*) filter (where a.outcome = 'failed')::int as failures,
      percentile_cont(0.95) within group (order by extract(epoch from a.ended_at - a.started_at) * 1000) as p95
    from attempts a join steps s on s.run_id = a.run_id and s.turn = a.turn and s.call_index = a.call_index
    where (${workspaceId}::text is null or a.workspace_id = ${workspaceId}) and a.call_index > 0
      and a.started_at >= ${since.toISOString()}
    group by s.name order by s.name`);
  return rows.map(({ tool, calls, failures, p95 }) => ({
    tool,
    calls,
    failures,
    p95Ms: p95 === null ? null : Math.round(Number(p95)),
  }));
}
