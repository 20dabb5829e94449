/** Texts that no journal needs any more, in SQL. */
import { sql } from "drizzle-orm";
import type { Transaction } from "../../db/client.ts";
import { type Look, type Looked, START } from "../store.ts";

const PIECES = 500;

/**
 * What runs that have not ended were told counts as used today, however long ago they began: they will need it again, and
 * so will replays what the runs were told that they repeat.
 */
export async function touchOpen(tx: Transaction, now: Date): Promise<void> {
  const at = now.toISOString();
  await tx.execute(sql`
    update pieces p set last_used_at = ${at}
    from (
      select distinct s.workspace_id, entry ->> 'hash' as hash
      from runs r
      join steps s on s.run_id = any(array[r.id, r.replay_of]) and s.turn = 1 and s.call_index = 0
      cross join lateral jsonb_array_elements(case when jsonb_typeof(s.manifest) = 'array' then s.manifest else '[]'::jsonb end) entry
      where r.status in ('queued', 'running', 'waiting', 'dead')
        and (r.replay_of is not null or r.created_at < ${at}::timestamptz - interval '1 day')
    ) open
    where p.workspace_id = open.workspace_id and p.hash = open.hash
      and p.last_used_at < ${at}::timestamptz - interval '1 day'`);
}

/** Texts are keyed by their hash, so a walk over all of them takes many looks; each goes on where the last one ended. */
export async function prunePieces(tx: Transaction, { before, after }: Look): Promise<Looked> {
  const [workspaceId = "", hash = ""] = after === START ? [] : after.split("\n");
  const [row] = await tx.execute<{ last: string | null; seen: number; removed: number }>(sql`
    with seen as (
      select workspace_id, hash from pieces where (workspace_id, hash) > (${workspaceId}, ${hash})
      order by workspace_id, hash limit ${PIECES}),
    gone as (
      delete from pieces p using seen
      where p.workspace_id = seen.workspace_id and p.hash = seen.hash and p.last_used_at < ${before.toISOString()}
      returning 1)
    select (select workspace_id || chr(10) || hash from seen order by workspace_id desc, hash desc limit 1) as last,
      (select count(*)::int from seen) as seen,
      (select count(*)::int from gone) as removed`);
  if (!row) return { last: after, removed: 0, more: false };
  return { last: row.last ?? after, removed: row.removed, more: row.seen === PIECES };
}
