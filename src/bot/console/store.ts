/** The console's own messages, as Slack keeps Slack's. */
import { bigserial, index, jsonb, pgTable, primaryKey, text, timestamp, unique } from "drizzle-orm/pg-core";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

export const consoleMessages = pgTable(
  "console_messages",
  {
    workspaceId: text("workspace_id").notNull(),
    id: text("id").notNull(),
    /** Order on the page. */
    seq: bigserial("seq", { mode: "number" }).notNull(),
    channelId: text("channel_id").notNull(),
    /** Null: posted to the channel itself; its own id is then the thread's. */
    threadId: text("thread_id"),
    /** A member id, or `claw`. */
    authorId: text("author_id").notNull(),
    authorName: text("author_name").notNull(),
    /** What a person typed; null for Claw's cards. */
    text: text("text"),
    /** Claw's card, as `bot/cards` made it; null for people's messages. */
    card: jsonb("card"),
    /** The delivery's key, so that it is found after a crash. */
    key: text("key"),
    privateTo: text("private_to"),
    at: at("at").notNull(),
    editedAt: at("edited_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    unique("console_messages_key").on(t.workspaceId, t.key),
    index("console_messages_page").on(t.workspaceId, t.channelId, t.threadId, t.seq),
  ],
);
