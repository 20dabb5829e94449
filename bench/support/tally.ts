/** What a database did, counted by PostgreSQL itself. */
import { sql } from "drizzle-orm";
import type { Database } from "../../src/orchestrator/db/client.ts";

export interface Tally {
  /** As PostgreSQL executed them, `begin` and `commit` among them; the bench's own left out. */
  readonly statements: number;
  /** Milliseconds that it spent on them. */
  readonly databaseMs: number;
  /** Transactions that wrote something, of the whole server. */
  readonly commits: number;
  /** Bytes, of the whole server. */
  readonly wal: number;
}

/** @param db a database that has pg_stat_statements @param name of the database that is asked about */
export async function tally(db: Database, name: string): Promise<Tally> {
  const [row] = await db.execute<{ statements: string; ms: string; commits: string; wal: string }>(sql`
    select /* bench */ coalesce(sum(s.calls), 0)::text as statements, coalesce(sum(s.total_exec_time), 0)::text as ms,
      pg_snapshot_xmax(pg_current_snapshot())::text as commits,
      pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text as wal
    from pg_stat_statements s join pg_database d on d.oid = s.dbid
    where d.datname = ${name} and s.query not like '%/* bench */%'`);
  return {
    statements: Number(row?.statements),
    databaseMs: Number(row?.ms),
    commits: Number(row?.commits),
    wal: Number(row?.wal),
  };
}

export const since = (before: Tally, after: Tally): Tally => ({
  statements: after.statements - before.statements,
  databaseMs: after.databaseMs - before.databaseMs,
  commits: after.commits - before.commits,
  wal: after.wal - before.wal,
});

export interface Costly {
  readonly query: string;
  readonly calls: number;
  readonly ms: number;
}

/** The statements that took most, for whoever wants to know why. */
export async function costliest(db: Database, name: string, limit: number): Promise<Costly[]> {
  const rows = await db.execute<{ query: string; calls: string; ms: string }>(sql`
    select /* bench */ left(regexp_replace(s.query, '\\s+', ' ', 'g'), 140) as query, s.calls::text as calls, s.total_exec_time::text as ms
    from pg_stat_statements s join pg_database d on d.oid = s.dbid
    where d.datname = ${name} and s.query not like '%/* bench */%' order by s.total_exec_time desc limit ${limit}`);
  return [...rows].map(({ query, calls, ms }) => ({ query, calls: Number(calls), ms: Number(ms) }));
}

/** Forgets what was counted, of every database. */
export async function forget(db: Database): Promise<void> {
  await db.execute(sql`select /* bench */ pg_stat_statements_reset()`);
}
