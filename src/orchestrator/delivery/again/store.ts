/** Messages that certainly did not arrive, to be sent again, in SQL. */
import { sql } from "drizzle-orm";
import type { Transaction } from "../../db/client.ts";
import type { WorkspaceId } from "../../ports.ts";
import { PASSING } from "../lost/store.ts";

interface Of {
  readonly workspaceId: WorkspaceId;
  readonly workflowId: string;
}

/**
 * Queues what was given up, in its order; edits that were not made, too. What may have arrived is not among it, and what
 * only told how something stood then neither. Done twice at the same time, each message is queued once.
 * @returns how many
 */
export async function queueUndelivered(tx: Transaction, of: Of, now: Date): Promise<number> {
  const rows = await tx.execute(sql`
    update deliveries set status = 'pending', attempts = 0, due_at = ${now.toISOString()}, failure = null
    where workspace_id = ${of.workspaceId} and workflow_id = ${of.workflowId} and status = 'undelivered'
      and (notice->>'kind' <> all(${sql.param([...PASSING])}::text[]) or message_id is not null)
      and notice->>'kind' <> 'undelivered'
    returning id`);
  return rows.length;
}

/** What its owner was told of messages that did not arrive, and that nobody has sent again yet. */
export async function openUndelivered(tx: Transaction, of: Of): Promise<string[]> {
  const rows = await tx.execute<{ key: string }>(sql`
    select key from deliveries
    where workspace_id = ${of.workspaceId} and workflow_id = ${of.workflowId}
      and notice->>'kind' = 'undelivered' and notice->'again' is null`);
  return rows.map(({ key }) => key);
}
