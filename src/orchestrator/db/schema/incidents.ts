/** Failures of a workflow that have the same cause. */
import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgEnum, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import type { Failure } from "../../errors.ts";
import { INCIDENT_STATUSES } from "../../incidents/incident.ts";
import { at } from "./columns.ts";
import { workflows } from "./workflows.ts";
import { workspaceId } from "./workspaces.ts";

export const incidentStatus = pgEnum("incident_status", INCIDENT_STATUSES);

/** Runs are named without a foreign key: an incident outlives a run that is pruned. */
export const incidents = pgTable(
  "incidents",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    workflowId: uuid("workflow_id")
      .notNull()
      .references(() => workflows.id),
    status: incidentStatus("status").notNull(),
    fingerprint: text("fingerprint").notNull(),
    count: integer("count").notNull().default(1),
    failure: jsonb("failure").$type<Failure>().notNull(),
    firstRunId: uuid("first_run_id").notNull(),
    firstRunNumber: integer("first_run_number").notNull(),
    lastRunId: uuid("last_run_id").notNull(),
    lastRunNumber: integer("last_run_number").notNull(),
    startedAt: at("started_at").notNull(),
    lastAt: at("last_at").notNull(),
    acknowledgedBy: text("acknowledged_by"),
    acknowledgedAt: at("acknowledged_at"),
    pausedAt: at("paused_at"),
    closedAt: at("closed_at"),
  },
  (t) => [
    uniqueIndex("incidents_open").on(t.workflowId, t.fingerprint).where(sql`status = 'open'`),
    index("incidents_of_workspace").on(t.workspaceId, t.lastAt).where(sql`status = 'open'`),
  ],
);
