/** Ceilings and the ledger. */
import { sql } from "drizzle-orm";
import { date, index, integer, pgEnum, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, micros } from "./columns.ts";
import { workspaceId } from "./workspaces.ts";

export const budgetScope = pgEnum("budget_scope", ["run", "workspace_day"]);
export const ledgerStatus = pgEnum("ledger_status", ["reserved", "settled", "lost", "released"]);

/** A ceiling and what is used of it. No row means nothing may be spent. */
export const budgets = pgTable(
  "budgets",
  {
    workspaceId: workspaceId(),
    scope: budgetScope("scope").notNull(),
    /** `run`: the run's id. `workspace_day`: the day, `YYYY-MM-DD`, in the workspace's zone. */
    key: text("key").notNull(),
    limitMicros: micros("limit_micros").notNull(),
    reservedMicros: micros("reserved_micros").notNull().default(0),
    spentMicros: micros("spent_micros").notNull().default(0),
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.scope, t.key] })],
);

export const ledger = pgTable(
  "ledger",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    workflowId: uuid("workflow_id").notNull(),
    runId: uuid("run_id").notNull(),
    turn: integer("turn").notNull(),
    callIndex: integer("call_index").notNull(),
    day: date("day", { mode: "string" }).notNull(),
    status: ledgerStatus("status").notNull(),
    model: text("model").notNull(),
    reservedMicros: micros("reserved_micros").notNull(),
    settledMicros: micros("settled_micros"),
    priceSource: text("price_source").notNull(),
    createdAt: at("created_at").notNull(),
    settledAt: at("settled_at"),
  },
  (t) => [
    index("ledger_run").on(t.runId),
    index("ledger_day").on(t.workspaceId, t.day),
    index("ledger_open").on(t.runId).where(sql`status = 'reserved'`),
  ],
);
