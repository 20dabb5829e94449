/** What is pruned row by row, in SQL. Every statement looks at a bounded number of rows, in the order of their ids. */
import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "../db/client.ts";

/** Rows that one statement looks at. */
const ROWS = 500;

/** What one look found. */
export interface Looked {
  /** Where the next look begins: behind that row. */
  readonly last: string;
  /** Rows that were deleted. */
  readonly removed: number;
  /** There may be more behind it. */
  readonly more: boolean;
}

export interface Look {
  readonly before: Date;
  /** The id of the last row that was looked at. */
  readonly after: string;
}

/** Before every id. */
export const START = "00000000-0000-0000-0000-000000000000";

/** One process prunes at a time. @returns false when another does */
export async function lockPruning(tx: Transaction): Promise<boolean> {
  const [row] = await tx.execute<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended('claw.prune', 0)) as locked`,
  );
  return row?.locked ?? false;
}

/** Events that were handled, or will not be. */
export const pruneInbound = (tx: Transaction, look: Look): Promise<Looked> =>
  pruneRows(tx, look, {
    table: sql`inbound_events`,
    born: sql`received_at`,
    removable: sql`t.status in ('handled', 'failed')`,
  });

/** Reasons to run that came to nothing; those with a run stay with it. */
export const pruneFirings = (tx: Transaction, look: Look): Promise<Looked> =>
  pruneRows(tx, look, {
    table: sql`firings`,
    born: sql`created_at`,
    removable: sql`t.outcome is not null and not exists (select 1 from runs r where r.firing_id = t.id)`,
  });

/** What calls cost; not of a run that has not ended, and not what is set aside. */
export const pruneLedger = (tx: Transaction, look: Look): Promise<Looked> =>
  pruneRows(tx, look, {
    table: sql`ledger`,
    born: sql`created_at`,
    removable: sql`t.status <> 'reserved'
      and not exists (select 1 from runs r where r.id = t.run_id and r.ended_at is null)`,
  });

/**
 * Messages that will not change any more. A workflow's root message stays, for it is the home; so does what a run that has
 * not ended said, and what its tools posted: their keys keep it from being said twice. What is `unknown` stays shown.
 */
export function pruneDeliveries(tx: Transaction, look: Look): Promise<Looked> {
  const at = look.before.toISOString();
  const run = sql`coalesce(t.run_id, case when t.key ~ '^tool:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-'
    then substring(t.key from 6 for 36)::uuid end)`;
  return pruneRows(tx, look, {
    table: sql`deliveries`,
    born: sql`created_at`,
    removable: sql`t.status in ('sent', 'undelivered') and not t.opens_home
      and coalesce(t.sent_at, t.created_at) < ${at}
      and not exists (select 1 from runs r where r.id = ${run} and (r.ended_at is null or r.ended_at >= ${at}))`,
  });
}

interface Prunable {
  readonly table: SQL;
  /** When a row came to be: ids sort by that. */
  readonly born: SQL;
  /** What may go of what is old enough; the row is `t`. */
  readonly removable: SQL;
}

async function pruneRows(tx: Transaction, { before, after }: Look, what: Prunable): Promise<Looked> {
  const at = before.toISOString();
  const [row] = await tx.execute<{ last: string | null; seen: number; removed: number; young: boolean }>(sql`
    with seen as (select id, ${what.born} as born from ${what.table} where id > ${after}::uuid order by id limit ${ROWS}),
    gone as (
      delete from ${what.table} t using seen
      where t.id = seen.id and seen.born < ${at} and ${what.removable} returning t.id)
    select (select id from seen where born < ${at} order by id desc limit 1) as last,
      (select count(*)::int from seen) as seen,
      (select count(*)::int from gone) as removed,
      exists (select 1 from seen where born >= ${at}) as young`);
  if (!row) return { last: after, removed: 0, more: false };
  return { last: row.last ?? after, removed: row.removed, more: row.seen === ROWS && !row.young };
}

/** The ceilings of days whose costs are pruned. */
export async function pruneDays(tx: Transaction, before: Date): Promise<number> {
  const rows = await tx.execute(sql`
    delete from budgets b using workspaces w
    where b.workspace_id = w.id and b.scope = 'workspace_day' and b.key < ${before.toISOString().slice(0, 10)}
    returning b.key`);
  return rows.length;
}
