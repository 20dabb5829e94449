/** Runs that are over their limits, in SQL. */
import { sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import type { LimitKind } from "../limit.ts";

export interface Overdue {
  readonly id: string;
  readonly workspaceId: string;
  readonly epoch: number;
  readonly limit: LimitKind;
}

/**
 * Running runs whose lease is kept and that have been under way, or without a journal write, for longer than the revision
 * they are pinned to allows. Reads what is running, and the journals of those only that are old enough to be silent.
 * @param look.owner whose runs; null: everybody's
 * @param look.graceMs milliseconds that their holder is given to end them itself
 */
export async function overdueRuns(
  db: Database,
  look: { readonly now: Date; readonly owner: string | null; readonly graceMs: number },
): Promise<Overdue[]> {
  const now = look.now.toISOString();
  const before = new Date(look.now.getTime() - look.graceMs).toISOString();
  const rows = await db.execute<{ id: string; workspaceId: string; epoch: number; late: boolean }>(sql`
    select id, workspace_id as "workspaceId", epoch, late from (
      select r.*, p.idle,
        r.claimed_at + (p.time - r.active_ms) * interval '1 millisecond' <= ${before}::timestamptz as late
      from runs r join revisions v on v.workflow_id = r.workflow_id and v.number = r.revision
      cross join lateral (select (v.policies->>'runTimeLimitMs')::bigint as time,
        (v.policies->>'idleLimitMs')::bigint * interval '1 millisecond' as idle) p
      where r.status = 'running' and r.lease_until >= ${now}::timestamptz
        and (${look.owner}::text is null or r.lease_owner = ${look.owner})) held
    where late or (claimed_at + idle <= ${before}::timestamptz and not exists (
      select 1 from steps s where s.run_id = held.id
        and greatest(s.started_at, s.ended_at) + held.idle > ${before}::timestamptz))`);
  return rows.map(({ late, ...row }) => ({ ...row, limit: late ? "time" : "idle" }));
}
