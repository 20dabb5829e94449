/** Approvals and votes. */
import { sql } from "drizzle-orm";
import {
  foreignKey,
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
import { APPROVAL_STATUSES } from "../../approvals/approval.ts";
import type { Terms } from "../../policy/decider.ts";
import { at } from "./columns.ts";
import { runs, steps } from "./runs.ts";
import { role, workspaceId } from "./workspaces.ts";

export const approvalStatus = pgEnum("approval_status", APPROVAL_STATUSES);

export const approvals = pgTable(
  "approvals",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    number: integer("number").notNull(),
    runId: uuid("run_id")
      .notNull()
      .references(() => runs.id),
    turn: integer("turn").notNull(),
    callIndex: integer("call_index").notNull(),
    status: approvalStatus("status").notNull(),
    /** Canonical hash of the exact call; the call that runs must have the same. */
    callHash: text("call_hash").notNull(),
    contractHash: text("contract_hash").notNull(),
    decidedBy: role("decided_by").notNull(),
    /** Who may decide, how many, from when; null in what was asked before there were such: an approver. */
    terms: jsonb("terms").$type<Terms>(),
    /** Whose call it is: they may not decide where the terms keep them out. */
    authors: text("authors").array().notNull().default(sql`'{}'::text[]`),
    /** When people are reminded; null once they were, or when it is not to be. */
    remindAt: at("remind_at"),
    expiresAt: at("expires_at").notNull(),
    deciderId: text("decider_id"),
    reason: text("reason"),
    createdAt: at("created_at").notNull(),
    decidedAt: at("decided_at"),
  },
  (t) => [
    unique("approvals_number").on(t.workspaceId, t.number),
    foreignKey({ columns: [t.runId, t.turn, t.callIndex], foreignColumns: [steps.runId, steps.turn, steps.callIndex] }),
    uniqueIndex("approvals_open").on(t.runId, t.turn, t.callIndex).where(sql`status in ('pending', 'approved')`),
    index("approvals_of_step").on(t.runId, t.turn, t.callIndex),
    index("approvals_unused").on(t.expiresAt).where(sql`status = 'approved'`),
    index("approvals_remind").on(t.remindAt).where(sql`status = 'pending' and remind_at is not null`),
    index("approvals_pending").on(t.workspaceId, t.number).where(sql`status = 'pending'`),
  ],
);

export const votes = pgTable(
  "votes",
  {
    workspaceId: workspaceId(),
    approvalId: uuid("approval_id")
      .notNull()
      .references(() => approvals.id),
    memberId: text("member_id").notNull(),
    choice: text("choice", { enum: ["approve", "deny"] }).notNull(),
    reason: text("reason"),
    at: at("at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.approvalId, t.memberId] })],
);
