/** What a run is given for the first time, of sources that grow. */
import { sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { hashText } from "../../ids.ts";

export interface SeenBy {
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * Which of the items no run before this one that ended well was given. The same at every call of one run; another run is
 * given them again when this one does not end well. Two runs at once may both be given an item: rather twice than never.
 */
export async function unseenItems(
  db: Database,
  by: SeenBy,
  source: string,
  items: readonly string[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const names = new Map(items.map((item) => [hashText(item), item]));
  if (names.size === 0) return new Set();
  const rows = await db.execute<{ item: string }>(sql`
    with given as (
      insert into seen_items (workspace_id, workflow_id, source, item, run_id, seen_at)
      select ${by.workspaceId}, ${by.workflowId}::uuid, ${hashText(source)}, item, ${by.runId}::uuid, ${now.toISOString()}::timestamptz
      from jsonb_array_elements_text(${JSON.stringify([...names.keys()].sort())}::jsonb) as t (item)
      on conflict (workflow_id, source, item) do update set
        seen_at = excluded.seen_at,
        run_id = case
          when seen_items.run_id = excluded.run_id then seen_items.run_id
          when coalesce((select r.status from runs r where r.id = seen_items.run_id), 'succeeded') = 'succeeded'
            then seen_items.run_id
          else excluded.run_id end
      returning item, run_id)
    select item from given where run_id = ${by.runId}::uuid`);
  return new Set(rows.flatMap(({ item }) => names.get(item) ?? []));
}

/** The same question for a run that is none of the workflow's, such as a dry run: only looks, and nothing counts as given. */
export async function peekUnseen(
  db: Database,
  by: Pick<SeenBy, "workspaceId" | "workflowId">,
  source: string,
  items: readonly string[],
): Promise<ReadonlySet<string>> {
  const names = new Map(items.map((item) => [hashText(item), item]));
  if (names.size === 0) return new Set();
  const rows = await db.execute<{ item: string }>(sql`
    select t.item from jsonb_array_elements_text(${JSON.stringify([...names.keys()])}::jsonb) as t (item)
    where not exists (
      select 1 from seen_items s left join runs r on r.id = s.run_id
      where s.workspace_id = ${by.workspaceId} and s.workflow_id = ${by.workflowId}::uuid
        and s.source = ${hashText(source)} and s.item = t.item and coalesce(r.status, 'succeeded') = 'succeeded')`);
  return new Set(rows.flatMap(({ item }) => names.get(item) ?? []));
}

/** Rows that one statement prunes at most. */
const ROWS = 5_000;

/** Forgets what no run has come upon since then: it would be new again. @returns how many items */
export async function pruneSeen(tx: Transaction, before: Date): Promise<number> {
  const rows = await tx.execute(sql`
    delete from seen_items where ctid = any (array(
      select ctid from seen_items where seen_at < ${before.toISOString()}::timestamptz limit ${ROWS}))
    returning item`);
  return rows.length;
}
