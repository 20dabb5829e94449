/** Cards that Claw posts to the console, many in one statement. */
import { sql } from "drizzle-orm";
import type { Database } from "../../../orchestrator/index.ts";
import type { Card } from "../../cards/card.ts";
import { rootOf } from "../places.ts";
import { CHANGES, type NewMessage, turn } from "../store.ts";

/** One of Claw's cards, in a thread or in the channel itself. */
export type NewCard = Omit<NewMessage, "seq" | "author" | "text"> & { readonly card: Card };

/**
 * Stores many of Claw's cards of one workspace in one statement. Under a message that only one person sees, nobody else
 * sees the answers either.
 * @returns the ids of those that were stored; not of one whose key was there, or whose thread does not exist
 */
export async function insertCards(
  db: Database,
  workspaceId: string,
  author: NewMessage["author"],
  cards: readonly NewCard[],
): Promise<ReadonlySet<string>> {
  const rows = await db.execute<{ id: string }>(sql`
    with ${turn(workspaceId)}, added as (
      insert into console_messages
        (workspace_id, id, seq, channel_id, thread_id, author_id, author_name, card, key, private_to, at)
      select ${workspaceId}::text, c.id, nextval('console_messages_seq_seq'), c.channel, c.thread, ${author.id}::text,
        ${author.name}::text, c.card, c.key, coalesce(c.private, root.private_to), c.at
      from turn
      cross join jsonb_to_recordset(${JSON.stringify(cards.map(toRow))}::jsonb)
        as c (id text, channel text, thread text, root text, card jsonb, key text, private text, at timestamptz)
      left join console_messages root on root.workspace_id = ${workspaceId} and root.id = c.root
        and root.channel_id = c.channel and root.thread_id is null
      where c.thread is null or root.id is not null
      on conflict do nothing
      returning id),
    told as (select pg_notify(${CHANGES}, ${workspaceId}::text) from added limit 1)
    select id, (select count(*) from told) from added`);
  return new Set(rows.map(({ id }) => id));
}

const toRow = (card: NewCard) => ({
  id: card.id,
  channel: card.channelId,
  thread: card.threadId,
  root: card.threadId === null ? null : rootOf(card.channelId, card.threadId),
  card: card.card,
  key: card.key,
  private: card.privateTo,
  at: card.at,
});
