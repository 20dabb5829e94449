/** Messages that are there, noted many at a time, in SQL. */
import { sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { keepingPlans } from "../../db/prepared.ts";
import type { MessageId, ThreadId } from "../../ports.ts";
import type { ClaimedDelivery } from "../claims/store.ts";

export interface SentMessage {
  /** Its `version` is what the message shows. */
  readonly delivery: ClaimedDelivery;
  readonly messageId: MessageId;
  readonly threadId: ThreadId;
}

/**
 * Notes many messages as sent, in one statement; one that is to show something newer by now is due again. Those that
 * somebody else has locked are left out, since two that wait for each other's rows would never end, and so are those of
 * which another worker holds the lease. Not for a message that opens a home, which changes its workflow too.
 * @returns by id, for those that were noted: whether the message is to be edited next
 */
export async function noteSent(
  db: Database,
  owner: string,
  now: Date,
  sent: readonly SentMessage[],
): Promise<ReadonlyMap<string, { readonly outdated: boolean }>> {
  const rows = await keepingPlans(db).execute<{ id: string; outdated: boolean }>(sql`
    with sent as (
      select * from jsonb_to_recordset(${JSON.stringify(sent.map(toRow))}::jsonb)
        as s (id uuid, version int, message_id text, thread_id text)),
    free as materialized (
      select d.id from deliveries d join sent on sent.id = d.id
      where d.status = 'sending' and d.lease_owner = ${owner}
      for update of d skip locked)
    update deliveries d
    set status = case when d.version > sent.version then 'pending' else 'sent' end::delivery_status,
      sent_version = sent.version, message_id = sent.message_id, thread_id = coalesce(d.thread_id, sent.thread_id),
      sent_at = ${now.toISOString()}, due_at = ${now.toISOString()}, attempts = 0, failure = null,
      lease_owner = null, lease_until = null
    from sent join free on free.id = sent.id
    where d.id = sent.id
    returning d.id, d.status = 'pending' as outdated`);
  return new Map(rows.map(({ id, outdated }) => [id, { outdated }]));
}

const toRow = ({ delivery, messageId, threadId }: SentMessage) => ({
  id: delivery.id,
  version: delivery.version,
  message_id: messageId,
  thread_id: threadId,
});
