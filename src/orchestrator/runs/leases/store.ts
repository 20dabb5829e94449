/** Leases in SQL: kept, given back, and what their holder hears by them. */
import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { runs } from "../../db/schema.ts";

interface KeepLeases {
  readonly until: Date;
  /** What runs out later than that is left for the next time: while a row is changed, its run cannot be written. */
  readonly soon?: Date;
  /** Milliseconds that the database was away for, which count as work of nobody; 0: it was not. */
  readonly awayMs?: number;
}

/**
 * Keeps the leases of the runs this process works on, one statement for all. A run that it let go of is not among them,
 * though its row may still name it: that lease must run out.
 * @returns those that are still its own
 */
export async function keepLeases(
  db: Database,
  owner: string,
  ids: readonly string[],
  { until, soon = until, awayMs = 0 }: KeepLeases,
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  // Waiting for rows that a journal write has locked would hold up all leases, and two such statements deadlock. What is
  // locked is being written, which keeps it too. What was away is told to all, in the order in which writes lock them.
  const away = Math.round(awayMs);
  const ours = sql`id = any(${sql.param([...ids])}::uuid[]) and lease_owner = ${owner} and status = 'running'`;
  const rows = await db.execute<{ id: string }>(sql`
    with free as (select id from runs where ${ours} and ${away === 0 ? sql`lease_until < ${soon.toISOString()}` : sql`true`} order by id for update ${away === 0 ? sql`skip locked` : sql``}),
    kept as (
      update runs r set lease_until = ${until.toISOString()}, claimed_at = r.claimed_at + ${away}::int * interval '1 ms'
      from free where r.id = free.id)
    select id from runs where ${ours}`);
  return new Set(rows.map((row) => row.id));
}

/** Gives back what this process holds, at shutdown: any worker may go on at once. */
export async function releaseLeases(db: Database, owner: string, now: Date): Promise<number> {
  const held = sql<number>`greatest((extract(epoch from ${now.toISOString()}::timestamptz - ${runs.claimedAt}) * 1000)::bigint, 0)`;
  const rows = await db
    .update(runs)
    .set({
      status: "queued",
      leaseOwner: null,
      leaseUntil: null,
      activeMs: sql`${runs.activeMs} + coalesce(${held}, 0)`,
    })
    .where(and(eq(runs.leaseOwner, owner), eq(runs.status, "running")))
    .returning({ id: runs.id });
  return rows.length;
}

/** Which of this process's runs someone asked to cancel, and who. */
export async function cancelRequests(db: Database, owner: string): Promise<{ id: string; by: string }[]> {
  const rows = await db
    .select({ id: runs.id, by: runs.cancelRequestedBy })
    .from(runs)
    .where(and(eq(runs.leaseOwner, owner), eq(runs.status, "running"), sql`${runs.cancelRequestedBy} is not null`));
  return rows.map((row) => ({ id: row.id, by: row.by ?? "" }));
}
