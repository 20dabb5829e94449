/** Audit events and the seals that chain them. */
import { sql } from "drizzle-orm";
import { bigint, bigserial, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at } from "./columns.ts";
import { workspaceId } from "./workspaces.ts";

export const auditEvents = pgTable(
  "audit_events",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    workspaceId: workspaceId(),
    at: at("at").notNull(),
    /** A member id, or `claw`. */
    actor: text("actor").notNull(),
    /** Dotted past tense: `workflow.created`, `approval.approved`. */
    action: text("action").notNull(),
    /** `workflow`, `run`, `approval`, `workspace`, … and its id. */
    subjectKind: text("subject_kind").notNull(),
    subjectId: text("subject_id").notNull(),
    workflowId: uuid("workflow_id"),
    runId: uuid("run_id"),
    detail: jsonb("detail").$type<Record<string, unknown>>().notNull(),
    /** Number of the seal that covers it; null: the unsealed tail. */
    seal: integer("seal"),
  },
  (t) => [
    index("audit_events_unsealed").on(t.workspaceId, t.id).where(sql`seal is null`),
    index("audit_events_of_workflow").on(t.workspaceId, t.workflowId, t.id),
    index("audit_events_of_run").on(t.runId, t.id),
  ],
);

/** A link of the chain: the hashes of a batch of audit events, and of the seal before it. */
export const auditSeals = pgTable(
  "audit_seals",
  {
    workspaceId: workspaceId(),
    number: integer("number").notNull(),
    /** Ids and hashes of the events it covers, in order. */
    eventIds: bigint("event_ids", { mode: "number" }).array().notNull(),
    eventHashes: text("event_hashes").array().notNull(),
    previousHash: text("previous_hash").notNull(),
    hash: text("hash").notNull(),
    sealedAt: at("sealed_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.number] })],
);
