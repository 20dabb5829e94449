/** What workflows wait for beside their schedules, their webhooks, and what is asked before a run. */
import { index, integer, jsonb, pgEnum, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import type { Failure } from "../../errors.ts";
import { ROUTE_KINDS } from "../../triggers/route.ts";
import { at, bytea } from "./columns.ts";
import { firings, workflows } from "./workflows.ts";
import { workspaceId } from "./workspaces.ts";

export const routeKind = pgEnum("route_kind", ROUTE_KINDS);

const workflowId = () =>
  uuid("workflow_id")
    .notNull()
    .references(() => workflows.id);

/** Which workflow something that happens may start: what its current trigger says, where it can be looked up. */
export const routes = pgTable(
  "routes",
  {
    workspaceId: workspaceId(),
    workflowId: workflowId(),
    kind: routeKind("kind").notNull(),
    /** Messages and reactions; null: in every channel. */
    channelId: text("channel_id"),
    /** Outcomes: the workflow whose end it waits for. */
    watchesId: uuid("watches_id").references(() => workflows.id),
  },
  (t) => [
    primaryKey({ columns: [t.workflowId] }),
    index("routes_heard").on(t.workspaceId, t.kind, t.channelId),
    index("routes_watched").on(t.watchesId),
  ],
);

/** Where the webhooks of a workflow arrive, and what signs them. */
export const webhooks = pgTable("webhooks", {
  workspaceId: workspaceId(),
  workflowId: workflowId().primaryKey(),
  /** What stands at the end of its URL: not to be guessed. */
  endpoint: text("endpoint").notNull().unique(),
  /** AES-256-GCM: 12 bytes nonce, ciphertext, 16 bytes tag. */
  sealed: bytea("sealed").notNull(),
  keyId: text("key_id").notNull(),
  /** The message that shows the secret, until it is taken back. */
  shownKey: text("shown_key"),
  shownAt: at("shown_at"),
  createdAt: at("created_at").notNull(),
});

/** Firings whose gate is to be asked. A row is there for as long as the firing is undecided for that reason. */
export const checks = pgTable(
  "checks",
  {
    workspaceId: workspaceId(),
    workflowId: workflowId(),
    firingId: uuid("firing_id")
      .primaryKey()
      .references(() => firings.id, { onDelete: "cascade" }),
    dueAt: at("due_at").notNull(),
    attempts: integer("attempts").notNull().default(0),
    leaseOwner: text("lease_owner"),
    leaseUntil: at("lease_until"),
  },
  (t) => [index("checks_due").on(t.dueAt)],
);

/** What a gate that compares saw at its last look, and how its looks go. */
export const baselines = pgTable("baselines", {
  workspaceId: workspaceId(),
  workflowId: workflowId().primaryKey(),
  /** Hash of what is looked at: of another gate nothing is known. */
  gate: text("gate").notNull(),
  /** Null: it was not seen yet. */
  seen: jsonb("seen"),
  seenAt: at("seen_at"),
  /** Checks in a row that came to no answer. */
  failures: integer("failures").notNull().default(0),
  failingSince: at("failing_since"),
  failure: jsonb("failure").$type<Failure>(),
});
