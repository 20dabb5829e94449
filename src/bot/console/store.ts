/** The console's own messages and sessions, as Slack keeps Slack's. */
import { and, asc, desc, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import { bigserial, index, jsonb, pgTable, primaryKey, text, timestamp, unique } from "drizzle-orm/pg-core";
import type { Database } from "../../orchestrator/index.ts";
import type { Card } from "../cards/card.ts";
import type { ConsoleMessage } from "./message.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

export const consoleMessages = pgTable(
  "console_messages",
  {
    workspaceId: text("workspace_id").notNull(),
    id: text("id").notNull(),
    /** Order on the page. */
    seq: bigserial("seq", { mode: "number" }).notNull(),
    /** Order of changes: an edit moves it, so that an open page asks for what is above the last one it saw. */
    version: bigserial("version", { mode: "number" }).notNull(),
    channelId: text("channel_id").notNull(),
    /** Null: posted to the channel itself; its own id is then the thread's. */
    threadId: text("thread_id"),
    /** A member id, or `claw`. */
    authorId: text("author_id").notNull(),
    authorName: text("author_name").notNull(),
    /** What a person typed; null for Claw's cards. */
    text: text("text"),
    /** Claw's card, as `bot/cards` made it; null for people's messages. */
    card: jsonb("card").$type<Card>(),
    /** The delivery's key, so that it is found after a crash. */
    key: text("key"),
    privateTo: text("private_to"),
    at: at("at").notNull(),
    editedAt: at("edited_at"),
    /** Null: it is not pinned. */
    pinnedAt: at("pinned_at"),
    /** The emoji that Claw put to it, each once. */
    reactions: text("reactions").array().notNull().default([]),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    unique("console_messages_key").on(t.workspaceId, t.key),
    index("console_messages_page").on(t.workspaceId, t.channelId, t.threadId, t.seq),
    index("console_messages_changes").on(t.workspaceId, t.channelId, t.version),
  ],
);

export const consoleSessions = pgTable(
  "console_sessions",
  {
    workspaceId: text("workspace_id").notNull(),
    /** SHA-256 of the cookie; the cookie itself is nowhere. */
    hash: text("hash").notNull(),
    /** Whom the person acts as. */
    memberId: text("member_id").notNull(),
    createdAt: at("created_at").notNull(),
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.hash] }), index("console_sessions_expiry").on(t.expiresAt)],
);

/** What `NOTIFY` carries is only the workspace: a page reads what changed for itself. */
export const CHANGES = "claw_console";

export interface NewMessage {
  readonly workspaceId: string;
  readonly id: string;
  /** From {@link reserveSeq}, when its place on the page was fixed before it was stored; null takes the next. */
  readonly seq: number | null;
  readonly channelId: string;
  readonly threadId: string | null;
  readonly author: { readonly id: string; readonly name: string };
  readonly text: string | null;
  readonly card: Card | null;
  readonly key: string;
  readonly privateTo: string | null;
  readonly at: Date;
}

/** Where a message is. */
export interface Place {
  readonly workspaceId: string;
  readonly channelId: string;
}

type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];

interface Found {
  readonly id: string;
  readonly threadId: string | null;
}

/**
 * Changes of a workspace take turns, so that versions become visible in their order: a page that has seen version 7
 * has not missed 6.
 */
export const turn = (workspaceId: string) =>
  sql`turn as materialized (select pg_advisory_xact_lock(hashtextextended(${`console:${workspaceId}`}::text, 0)))`;

/** Stores a message and tells every console process. A second call with the same key returns the first message. */
export async function insertMessage(db: Database | Transaction, m: NewMessage): Promise<Found> {
  const rows = await db.execute<{ id: string }>(sql`
    with ${turn(m.workspaceId)}, added as (
      insert into console_messages
        (workspace_id, id, seq, channel_id, thread_id, author_id, author_name, text, card, key, private_to, at)
      select ${m.workspaceId}::text, ${m.id}::text,
        coalesce(${m.seq}::bigint, nextval('console_messages_seq_seq')), ${m.channelId}::text, ${m.threadId}::text,
        ${m.author.id}::text, ${m.author.name}::text, ${m.text}::text,
        ${m.card === null ? null : JSON.stringify(m.card)}::jsonb, ${m.key}::text, ${m.privateTo}::text,
        ${m.at.toISOString()}::timestamptz
      from turn
      on conflict do nothing
      returning id)
    select id, pg_notify(${CHANGES}, ${m.workspaceId}::text) from added`);
  if (rows[0]) return { id: m.id, threadId: m.threadId };
  const known = await findByKey(db, m.workspaceId, m.key);
  if (!known) throw new Error("the console message was neither stored nor known");
  return known;
}

/** Replaces one of Claw's cards. Null when there is no such message. */
export async function replaceCard(
  db: Database | Transaction,
  place: Place,
  id: string,
  card: Card,
  now: Date,
): Promise<Found | null> {
  const rows = await db.execute<{ id: string; thread_id: string | null }>(sql`
    with ${turn(place.workspaceId)}, changed as (
      update console_messages set card = ${JSON.stringify(card)}::jsonb, edited_at = ${now.toISOString()}::timestamptz,
        version = nextval('console_messages_version_seq')
      from turn
      where workspace_id = ${place.workspaceId} and channel_id = ${place.channelId} and id = ${id} and card is not null
      returning id, thread_id)
    select id, thread_id, pg_notify(${CHANGES}, ${place.workspaceId}::text) from changed`);
  return rows[0] ? { id: rows[0].id, threadId: rows[0].thread_id } : null;
}

export async function findByKey(db: Database | Transaction, workspaceId: string, key: string): Promise<Found | null> {
  const [row] = await db
    .select({ id: consoleMessages.id, threadId: consoleMessages.threadId })
    .from(consoleMessages)
    .where(and(eq(consoleMessages.workspaceId, workspaceId), eq(consoleMessages.key, key)));
  return row ?? null;
}

/** A place on the page, taken before the message is stored. Unused ones leave a gap, which nobody sees. */
export async function reserveSeq(db: Database | Transaction): Promise<number> {
  const rows = await db.execute<{ seq: string }>(sql`select nextval('console_messages_seq_seq') as seq`);
  return Number(rows[0]?.seq);
}

const columns = (viewer: string) => ({
  id: consoleMessages.id,
  seq: consoleMessages.seq,
  version: consoleMessages.version,
  channelId: consoleMessages.channelId,
  threadId: consoleMessages.threadId,
  authorId: consoleMessages.authorId,
  authorName: consoleMessages.authorName,
  text: consoleMessages.text,
  card: consoleMessages.card,
  privateTo: consoleMessages.privateTo,
  at: consoleMessages.at,
  editedAt: consoleMessages.editedAt,
  pinnedAt: consoleMessages.pinnedAt,
  reactions: consoleMessages.reactions,
  replies: sql<number>`(select count(*) from console_messages r
    where r.workspace_id = console_messages.workspace_id and r.channel_id = console_messages.channel_id
      and r.thread_id = coalesce(console_messages.thread_id, console_messages.channel_id || ':' || console_messages.id)
      and (r.private_to is null or r.private_to = ${viewer}))`.mapWith(Number),
});

const visibleTo = (viewer: string) => or(isNull(consoleMessages.privateTo), eq(consoleMessages.privateTo, viewer));

const visible = (place: Place, viewer: string) =>
  and(
    eq(consoleMessages.workspaceId, place.workspaceId),
    eq(consoleMessages.channelId, place.channelId),
    visibleTo(viewer),
  );

/**
 * The last messages of a channel (`threadId` null) or of a thread that the viewer may see, oldest first.
 * @param before a `seq`: only older ones; null for the newest
 */
export async function readPage(
  db: Database | Transaction,
  place: Place & { readonly threadId: string | null },
  viewer: string,
  page: { readonly before: number | null; readonly limit: number },
): Promise<readonly ConsoleMessage[]> {
  const { threadId } = place;
  const rows = await db
    .select(columns(viewer))
    .from(consoleMessages)
    .where(
      and(
        visible(place, viewer),
        threadId === null ? isNull(consoleMessages.threadId) : eq(consoleMessages.threadId, threadId),
        page.before === null ? undefined : lt(consoleMessages.seq, page.before),
      ),
    )
    .orderBy(desc(consoleMessages.seq))
    .limit(page.limit);
  return rows.reverse();
}

/** What changed in a channel and its threads after a version, in the order of the changes. */
export async function readChanges(
  db: Database | Transaction,
  place: Place,
  viewer: string,
  page: { readonly after: number; readonly limit: number },
): Promise<readonly ConsoleMessage[]> {
  return db
    .select(columns(viewer))
    .from(consoleMessages)
    .where(and(visible(place, viewer), gt(consoleMessages.version, page.after)))
    .orderBy(asc(consoleMessages.version))
    .limit(page.limit);
}

/** A message that the viewer may see, or null. */
export async function readMessage(
  db: Database | Transaction,
  workspaceId: string,
  viewer: string,
  id: string,
): Promise<ConsoleMessage | null> {
  const [row] = await db
    .select(columns(viewer))
    .from(consoleMessages)
    .where(and(eq(consoleMessages.workspaceId, workspaceId), eq(consoleMessages.id, id), visibleTo(viewer)));
  return row ?? null;
}

/** A message that begins a thread, whoever may see it; null when there is none. */
export async function findRoot(
  db: Database | Transaction,
  place: Place,
  id: string,
): Promise<{ readonly privateTo: string | null } | null> {
  const [row] = await db
    .select({ privateTo: consoleMessages.privateTo })
    .from(consoleMessages)
    .where(
      and(
        eq(consoleMessages.workspaceId, place.workspaceId),
        eq(consoleMessages.channelId, place.channelId),
        eq(consoleMessages.id, id),
        isNull(consoleMessages.threadId),
      ),
    );
  return row ?? null;
}

/** The version of the last change in a channel, 0 when there is none. */
export async function lastVersion(db: Database | Transaction, place: Place): Promise<number> {
  const [row] = await db
    .select({ version: consoleMessages.version })
    .from(consoleMessages)
    .where(and(eq(consoleMessages.workspaceId, place.workspaceId), eq(consoleMessages.channelId, place.channelId)))
    .orderBy(desc(consoleMessages.version))
    .limit(1);
  return row?.version ?? 0;
}
