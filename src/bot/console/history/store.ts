/** What everybody in a channel of the console has read, and what Claw marks in it, in SQL. */
import { and, desc, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import type { Database } from "../../../orchestrator/index.ts";
import { CHANGES, consoleMessages, type Place, turn } from "../store.ts";

export interface HistoryPage {
  /** Null: what stands in the channel itself. */
  readonly threadId: string | null;
  /** Nothing older. */
  readonly since: Date;
  /** Id of a message of that channel: only what is older; null: from the newest on. */
  readonly before: string | null;
  readonly limit: number;
}

/** The newest first, without what only one person sees. Null: there is no message `before` in that channel. */
export async function readHistory(db: Database, place: Place, page: HistoryPage) {
  const { threadId, since, before, limit } = page;
  const inChannel = and(
    eq(consoleMessages.workspaceId, place.workspaceId),
    eq(consoleMessages.channelId, place.channelId),
    isNull(consoleMessages.privateTo),
  );
  const [from] =
    before === null
      ? []
      : await db
          .select({ seq: consoleMessages.seq })
          .from(consoleMessages)
          .where(and(inChannel, eq(consoleMessages.id, before)));
  if (before !== null && !from) return null;
  const root = threadId?.slice(place.channelId.length + 1);
  return db
    .select({
      id: consoleMessages.id,
      at: consoleMessages.at,
      authorName: consoleMessages.authorName,
      text: consoleMessages.text,
      card: consoleMessages.card,
      replies: sql<number>`(select count(*) from console_messages r
        where r.workspace_id = console_messages.workspace_id and r.channel_id = console_messages.channel_id
          and r.thread_id = console_messages.channel_id || ':' || console_messages.id and r.private_to is null)`.mapWith(
        Number,
      ),
    })
    .from(consoleMessages)
    .where(
      and(
        inChannel,
        gt(consoleMessages.at, since),
        threadId === null || root === undefined
          ? isNull(consoleMessages.threadId)
          : // A thread begins with the message that it is under.
            or(eq(consoleMessages.threadId, threadId), eq(consoleMessages.id, root)),
        from ? lt(consoleMessages.seq, from.seq) : undefined,
      ),
    )
    .orderBy(desc(consoleMessages.seq))
    .limit(limit);
}

export type Mark = { readonly kind: "pin" } | { readonly kind: "reaction"; readonly emoji: string };

/** Marks a message that everybody in its channel sees. @returns `none` when there is no such message in that channel */
export async function markMessage(
  db: Database,
  { workspaceId, channelId, messageId }: Place & { readonly messageId: string },
  mark: Mark,
  now: Date,
): Promise<"done" | "already" | "none"> {
  const set =
    mark.kind === "pin"
      ? sql`pinned_at = ${now.toISOString()}::timestamptz`
      : sql`reactions = array_append(reactions, ${mark.emoji}::text)`;
  const isSo = mark.kind === "pin" ? sql`pinned_at is not null` : sql`${mark.emoji}::text = any(reactions)`;
  const rows = await db.execute<{ changed: boolean }>(sql`
    with ${turn(workspaceId)}, known as (
      select m.id from console_messages m, turn
      where m.workspace_id = ${workspaceId} and m.channel_id = ${channelId} and m.id = ${messageId} and m.private_to is null),
    changed as (
      update console_messages m set ${set}, version = nextval('console_messages_version_seq')
      from known k where m.workspace_id = ${workspaceId} and m.id = k.id and not (${isSo})
      returning m.id),
    told as (select pg_notify(${CHANGES}, ${workspaceId}::text) from changed)
    select exists (select 1 from changed) as changed, (select count(*) from told) from known`);
  const [row] = rows;
  return row === undefined ? "none" : row.changed ? "done" : "already";
}
