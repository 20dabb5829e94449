/** Runs with their journal (steps and attempts) and their waits. */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  foreignKey,
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
import type { Failure } from "../../errors.ts";
import { RUN_STATUSES, type RunPins, type Verdict } from "../../runs/run.ts";
import { type ArgumentsChange, ATTEMPT_OUTCOMES, STEP_KINDS, STEP_STATUSES } from "../../runs/step.ts";
import { WAIT_KINDS, WAIT_OUTCOMES, WAIT_STATUSES } from "../../runs/wait.ts";
import { at, micros } from "./columns.ts";
import { firings, workflows } from "./workflows.ts";
import { workspaceId } from "./workspaces.ts";

export const runStatus = pgEnum("run_status", RUN_STATUSES);
export const stepKind = pgEnum("step_kind", STEP_KINDS);
export const stepStatus = pgEnum("step_status", STEP_STATUSES);
export const attemptOutcome = pgEnum("attempt_outcome", ATTEMPT_OUTCOMES);
export const waitKind = pgEnum("wait_kind", WAIT_KINDS);
export const waitStatus = pgEnum("wait_status", WAIT_STATUSES);
export const waitOutcome = pgEnum("wait_outcome", WAIT_OUTCOMES);

export const runs = pgTable(
  "runs",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    workflowId: uuid("workflow_id")
      .notNull()
      .references(() => workflows.id),
    firingId: uuid("firing_id")
      .notNull()
      .references(() => firings.id),
    number: integer("number").notNull(),
    status: runStatus("status").notNull(),
    revision: integer("revision").notNull(),
    pins: jsonb("pins").$type<RunPins>().notNull(),
    /** When a queued run may be claimed. */
    dueAt: at("due_at").notNull(),
    /** Counts claims; a journal write names the epoch it was claimed under. */
    epoch: integer("epoch").notNull().default(0),
    leaseOwner: text("lease_owner"),
    leaseUntil: at("lease_until"),
    /** When the present claim began; the last one's when nobody holds it. */
    claimedAt: at("claimed_at"),
    /** Milliseconds it was under way in the claims before, waits left out. */
    activeMs: bigint("active_ms", { mode: "number" }).notNull().default(0),
    /** The run whose journal answers this one's tools; null for a real run. */
    replayOf: uuid("replay_of"),
    /** Reads for real, and changes nothing: what it would have asked for is shown to who asked. */
    dry: boolean("dry").notNull().default(false),
    rehearsal: boolean("rehearsal").notNull().generatedAlwaysAs(sql`(replay_of is not null or dry)`),
    /** The dead run in whose place it began from the start; null for every other. */
    restartOf: uuid("restart_of"),
    /** The incident that its failure belongs to. */
    incidentId: uuid("incident_id"),
    cancelRequestedBy: text("cancel_requested_by"),
    tainted: boolean("tainted").notNull().default(false),
    costMicros: micros("cost_micros").notNull().default(0),
    verdict: jsonb("verdict").$type<Verdict>(),
    failure: jsonb("failure").$type<Failure>(),
    createdAt: at("created_at").notNull(),
    startedAt: at("started_at"),
    endedAt: at("ended_at"),
  },
  (t) => [
    unique("runs_firing").on(t.firingId),
    unique("runs_number").on(t.workspaceId, t.number),
    index("runs_due").on(t.dueAt).where(sql`status = 'queued'`),
    index("runs_due_by_workspace").on(t.workspaceId, t.dueAt).where(sql`status = 'queued'`),
    index("runs_lease").on(t.leaseUntil).where(sql`status = 'running'`),
    index("runs_of_workflow").on(t.workflowId, t.number),
    index("runs_of_incident").on(t.incidentId).where(sql`incident_id is not null`),
    index("runs_open_of_workflow").on(t.workflowId).where(sql`status in ('queued', 'running', 'waiting')`),
    index("runs_replaying").on(t.replayOf).where(sql`replay_of is not null`),
    index("runs_dry").on(t.workflowId).where(sql`dry`),
    index("runs_open").on(t.workspaceId, t.status).where(sql`status in ('queued', 'running', 'waiting', 'dead')`),
  ],
);

export const steps = pgTable(
  "steps",
  {
    workspaceId: workspaceId(),
    runId: uuid("run_id")
      .notNull()
      .references(() => runs.id),
    turn: integer("turn").notNull(),
    /** 0: the turn's model call; 1…: its tool calls, in the model's order. */
    callIndex: integer("call_index").notNull(),
    kind: stepKind("kind").notNull(),
    status: stepStatus("status").notNull(),
    /** Tool name, or the model's. */
    name: text("name").notNull(),
    /** The model's id of a tool call. */
    callId: text("call_id"),
    /** Tool: validated arguments. Model: null. */
    input: jsonb("input"),
    /** Canonical hash of {tool, input}; approvals are bound to it. */
    inputHash: text("input_hash"),
    /** Tool: who approved it with other arguments, and what the model had asked for. Null: it is as the model made it. */
    changed: jsonb("changed").$type<ArgumentsChange>(),
    /** Tool: validated output. Model: the reply. */
    output: jsonb("output"),
    failure: jsonb("failure").$type<Failure>(),
    /** Its output carries text that outsiders can write. */
    tainted: boolean("tainted").notNull().default(false),
    costMicros: micros("cost_micros").notNull().default(0),
    inputTokens: integer("input_tokens").notNull().default(0),
    cachedInputTokens: integer("cached_input_tokens").notNull().default(0),
    outputTokens: integer("output_tokens").notNull().default(0),
    /** Model: the context manifest. */
    manifest: jsonb("manifest"),
    attempts: integer("attempts").notNull().default(0),
    startedAt: at("started_at"),
    endedAt: at("ended_at"),
  },
  (t) => [primaryKey({ columns: [t.runId, t.turn, t.callIndex] })],
);

export const attempts = pgTable(
  "attempts",
  {
    workspaceId: workspaceId(),
    runId: uuid("run_id").notNull(),
    turn: integer("turn").notNull(),
    callIndex: integer("call_index").notNull(),
    number: integer("number").notNull(),
    epoch: integer("epoch").notNull(),
    outcome: attemptOutcome("outcome").notNull(),
    failure: jsonb("failure").$type<Failure>(),
    startedAt: at("started_at").notNull(),
    endedAt: at("ended_at"),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.turn, t.callIndex, t.number] }),
    foreignKey({ columns: [t.runId, t.turn, t.callIndex], foreignColumns: [steps.runId, steps.turn, steps.callIndex] }),
  ],
);

export const waits = pgTable(
  "waits",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    runId: uuid("run_id")
      .notNull()
      .references(() => runs.id),
    /** The step that waits; null when the whole run does. */
    turn: integer("turn"),
    callIndex: integer("call_index"),
    kind: waitKind("kind").notNull(),
    status: waitStatus("status").notNull(),
    outcome: waitOutcome("outcome"),
    /** When silence is taken as an answer; null: never. */
    dueAt: at("due_at"),
    detail: jsonb("detail").$type<Record<string, unknown>>().notNull(),
    createdAt: at("created_at").notNull(),
    closedAt: at("closed_at"),
    closedBy: text("closed_by"),
  },
  (t) => [index("waits_due").on(t.dueAt).where(sql`status = 'open'`), index("waits_of_run").on(t.runId)],
);
