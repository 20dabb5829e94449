/** The rules people gave, and grants: standing yeses with what they were used for. */
import { sql } from "drizzle-orm";
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import type { GrantPattern } from "../../grants/grant.ts";
import { at } from "./columns.ts";
import { workflows } from "./workflows.ts";
import { workspaceId } from "./workspaces.ts";

export const policyRules = pgTable(
  "policy_rules",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    /** What people type. Given when it is saved; null before. */
    number: integer("number"),
    /** Null: it holds in the whole workspace. */
    workflowId: uuid("workflow_id").references(() => workflows.id),
    /** A `RuleBody`; what cannot be read forbids everything. */
    body: jsonb("body").notNull(),
    proposedBy: text("proposed_by").notNull(),
    proposedAt: at("proposed_at").notNull(),
    /** Null: it was shown and not saved yet. */
    savedAt: at("saved_at"),
    removedBy: text("removed_by"),
    removedAt: at("removed_at"),
  },
  (t) => [
    unique("policy_rules_number").on(t.workspaceId, t.number),
    index("policy_rules_held").on(t.workspaceId).where(sql`saved_at is not null and removed_at is null`),
  ],
);

export const grants = pgTable(
  "grants",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    number: integer("number"),
    workflowId: uuid("workflow_id")
      .notNull()
      .references(() => workflows.id),
    tool: text("tool").notNull(),
    /** The contract and the instruction it was given for: when one of them changes, it covers nothing any more. */
    contractHash: text("contract_hash").notNull(),
    instructionHash: text("instruction_hash").notNull(),
    pattern: jsonb("pattern").$type<GrantPattern>().notNull(),
    /** A person ticked "even after outside text". */
    afterOutside: boolean("after_outside").notNull(),
    uses: integer("uses").notNull(),
    usesLeft: integer("uses_left").notNull(),
    expiresAt: at("expires_at").notNull(),
    /** The approval it was made from; null for one that was given beforehand. */
    approvalId: uuid("approval_id"),
    proposedBy: text("proposed_by").notNull(),
    proposedAt: at("proposed_at").notNull(),
    /** Null: it was shown and not given yet. */
    givenAt: at("given_at"),
    revokedBy: text("revoked_by"),
    revokedAt: at("revoked_at"),
  },
  (t) => [
    unique("grants_number").on(t.workspaceId, t.number),
    index("grants_held").on(t.workflowId, t.tool).where(sql`given_at is not null and revoked_at is null`),
  ],
);

/** A step uses a grant once, however often it is tried. */
export const grantUses = pgTable(
  "grant_uses",
  {
    workspaceId: workspaceId(),
    grantId: uuid("grant_id")
      .notNull()
      .references(() => grants.id),
    runId: uuid("run_id").notNull(),
    turn: integer("turn").notNull(),
    callIndex: integer("call_index").notNull(),
    at: at("at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.turn, t.callIndex] }), index("grant_uses_of_grant").on(t.grantId)],
);
