/** What goes out to people and what comes in from them. */
import { sql } from "drizzle-orm";
import {
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { DELIVERY_STATUSES } from "../../delivery/delivery.ts";
import type { Failure } from "../../errors.ts";
import type { Notice } from "../../events.ts";
import { at } from "./columns.ts";
import { workflows } from "./workflows.ts";
import { platform, workspaceId } from "./workspaces.ts";

export const deliveryStatus = pgEnum("delivery_status", DELIVERY_STATUSES);
export const inboundStatus = pgEnum("inbound_status", ["received", "handled", "failed"]);

/** One row a message: `version` is what it should show, `sentVersion` what it shows. */
export const deliveries = pgTable(
  "deliveries",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    platform: platform("platform").notNull(),
    /** What it is about, e.g. `approval:<id>`; unique, so that saying it twice is one message. */
    key: text("key").notNull(),
    /** Order of posting within a thread. */
    seq: bigserial("seq", { mode: "number" }).notNull(),
    workflowId: uuid("workflow_id"),
    runId: uuid("run_id"),
    channelId: text("channel_id").notNull(),
    /** Null with `awaitsHome`: filled in when the workflow's root message is posted. Null without: posts to the channel. */
    threadId: text("thread_id"),
    awaitsHome: boolean("awaits_home").notNull().default(false),
    /** The root message of its workflow: its thread becomes the home. */
    opensHome: boolean("opens_home").notNull().default(false),
    privateTo: text("private_to"),
    replyToken: text("reply_token"),
    notice: jsonb("notice").$type<Notice>().notNull(),
    version: integer("version").notNull().default(1),
    sentVersion: integer("sent_version").notNull().default(0),
    status: deliveryStatus("status").notNull(),
    messageId: text("message_id"),
    attempts: integer("attempts").notNull().default(0),
    dueAt: at("due_at").notNull(),
    leaseOwner: text("lease_owner"),
    leaseUntil: at("lease_until"),
    failure: jsonb("failure").$type<Failure>(),
    createdAt: at("created_at").notNull(),
    sentAt: at("sent_at"),
  },
  (t) => [
    unique("deliveries_key").on(t.workspaceId, t.key),
    index("deliveries_due").on(t.platform, t.dueAt).where(sql`status in ('pending', 'sending')`),
    /** What a thread has still to be told, in order; edits wait for nobody. */
    index("deliveries_order")
      .on(t.channelId, t.threadId, t.seq)
      .where(sql`status in ('pending', 'sending') and message_id is null`),
    index("deliveries_awaiting_home").on(t.workflowId).where(sql`awaits_home and thread_id is null`),
    index("deliveries_of_run").on(t.runId),
    /** Presses in direct messages of Discord name the message alone. */
    index("deliveries_in_discord").on(t.messageId).where(sql`platform = 'discord'`),
  ],
);

export const inboundEvents = pgTable(
  "inbound_events",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    platform: platform("platform").notNull(),
    key: text("key").notNull(),
    status: inboundStatus("status").notNull(),
    event: jsonb("event").notNull(),
    attempts: integer("attempts").notNull().default(0),
    failure: jsonb("failure").$type<Failure>(),
    receivedAt: at("received_at").notNull(),
    handledAt: at("handled_at"),
  },
  (t) => [
    unique("inbound_events_key").on(t.workspaceId, t.key),
    index("inbound_events_open").on(t.receivedAt).where(sql`status = 'received'`),
  ],
);

/** What people wrote in a workflow's thread; context of its next run. */
export const threadMessages = pgTable(
  "thread_messages",
  {
    workspaceId: workspaceId(),
    workflowId: uuid("workflow_id")
      .notNull()
      .references(() => workflows.id),
    messageId: text("message_id").notNull(),
    memberId: text("member_id").notNull(),
    memberName: text("member_name").notNull(),
    text: text("text").notNull(),
    at: at("at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.messageId] }), index("thread_messages_tail").on(t.workflowId, t.at)],
);
