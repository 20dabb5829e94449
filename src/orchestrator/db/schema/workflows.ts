/** Workflows, their revisions, and the firings that are reasons to run. */
import { sql } from "drizzle-orm";
import {
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { FIRING_GATES, FIRING_KINDS, FIRING_OUTCOMES } from "../../schedules/firing.ts";
import { type Destination, type Policies, type Trigger, WORKFLOW_STATUSES } from "../../workflows/workflow.ts";
import { at } from "./columns.ts";
import { workspaceId } from "./workspaces.ts";

export const workflowStatus = pgEnum("workflow_status", WORKFLOW_STATUSES);
export const firingKind = pgEnum("firing_kind", FIRING_KINDS);
export const firingOutcome = pgEnum("firing_outcome", FIRING_OUTCOMES);
export const firingGate = pgEnum("firing_gate", FIRING_GATES);

export const workflows = pgTable(
  "workflows",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    name: text("name").notNull(),
    ownerId: text("owner_id").notNull(),
    status: workflowStatus("status").notNull(),
    /** Number of the current revision. */
    revision: integer("revision").notNull(),
    channelId: text("channel_id").notNull(),
    /** The home, once the root message is posted. */
    threadId: text("thread_id"),
    /** When it is due next; null when it is not active or has no slot left. */
    nextSlotAt: at("next_slot_at"),
    pausedBy: text("paused_by"),
    pausedNote: text("paused_note"),
    pausedAt: at("paused_at"),
    /** The first slot that its pause leaves out; they are accounted for when the pause ends. */
    pausedSlotAt: at("paused_slot_at"),
    failuresInARow: integer("failures_in_a_row").notNull().default(0),
    /** How many incidents of it are open: the end of a run that went well has nothing to look for when it is 0. */
    openIncidents: integer("open_incidents").notNull().default(0),
    /** Slots that a person asked to leave out. */
    skipNext: integer("skip_next").notNull().default(0),
    /** When its thread last heard anything, and how many checks since found nothing to say. */
    lastSaidAt: at("last_said_at"),
    quietChecks: integer("quiet_checks").notNull().default(0),
    /** Drafts only: when an unanswered preview is dropped. */
    expiresAt: at("expires_at"),
    /** Key of the inbound event that made it, so that handling it twice makes one. */
    createdFrom: text("created_from").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [
    uniqueIndex("workflows_name").on(t.workspaceId, t.name).where(sql`status not in ('deleted', 'expired')`),
    unique("workflows_created_from").on(t.workspaceId, t.createdFrom),
    index("workflows_due").on(t.nextSlotAt).where(sql`status = 'active' and next_slot_at is not null`),
    index("workflows_drafts").on(t.expiresAt).where(sql`status = 'draft'`),
    index("workflows_thread").on(t.workspaceId, t.threadId),
  ],
);

export const revisions = pgTable(
  "revisions",
  {
    workspaceId: workspaceId(),
    workflowId: uuid("workflow_id")
      .notNull()
      .references(() => workflows.id),
    number: integer("number").notNull(),
    instruction: text("instruction").notNull(),
    trigger: jsonb("trigger").$type<Trigger>().notNull(),
    destination: jsonb("destination").$type<Destination>().notNull(),
    policies: jsonb("policies").$type<Policies>().notNull(),
    /** Names of the tools it may call; nothing else is callable. */
    tools: text("tools").array().notNull(),
    authorId: text("author_id").notNull(),
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workflowId, t.number] })],
);

export const firings = pgTable(
  "firings",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    workflowId: uuid("workflow_id")
      .notNull()
      .references(() => workflows.id),
    kind: firingKind("kind").notNull(),
    /** Slot: its ISO instant. Person: the inbound event's key. */
    key: text("key").notNull(),
    /** A slot's planned time; otherwise when it happened. */
    plannedAt: at("planned_at").notNull(),
    /** Null until it is decided; then never changed. */
    outcome: firingOutcome("outcome"),
    reason: text("reason"),
    /** Null: it has no gate, or nobody asked it yet. */
    gate: firingGate("gate"),
    /** How many slots this row stands for (a long outage is one row). */
    count: integer("count").notNull().default(1),
    payload: jsonb("payload"),
    createdAt: at("created_at").notNull(),
  },
  (t) => [
    unique("firings_key").on(t.workflowId, t.kind, t.key),
    index("firings_undecided").on(t.workflowId).where(sql`outcome is null`),
    index("firings_recent").on(t.workspaceId, t.workflowId, t.plannedAt),
  ],
);
