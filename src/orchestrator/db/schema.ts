/**
 * The truth. Every table carries its workspace. Money is millionths of a dollar, durations are milliseconds, text that
 * may be long or private lives once in `pieces`. Status columns are changed only by the one mutator of their noun.
 */
import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  customType,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { APPROVAL_STATUSES } from "../approvals/approval.ts";
import { DELIVERY_STATUSES } from "../delivery/delivery.ts";
import type { Failure } from "../errors.ts";
import type { Notice } from "../events.ts";
import { PLATFORMS, ROLES } from "../ports.ts";
import { RUN_STATUSES, type RunPins, type Verdict } from "../runs/run.ts";
import { ATTEMPT_OUTCOMES, STEP_KINDS, STEP_STATUSES } from "../runs/step.ts";
import { WAIT_KINDS, WAIT_OUTCOMES, WAIT_STATUSES } from "../runs/wait.ts";
import { FIRING_KINDS, FIRING_OUTCOMES } from "../schedules/firing.ts";
import { type Destination, type Policies, type Trigger, WORKFLOW_STATUSES } from "../workflows/workflow.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
const micros = (name: string) => bigint(name, { mode: "number" });
const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

export const platform = pgEnum("platform", PLATFORMS);
export const role = pgEnum("role", ROLES);
export const workflowStatus = pgEnum("workflow_status", WORKFLOW_STATUSES);
export const firingKind = pgEnum("firing_kind", FIRING_KINDS);
export const firingOutcome = pgEnum("firing_outcome", FIRING_OUTCOMES);
export const runStatus = pgEnum("run_status", RUN_STATUSES);
export const stepKind = pgEnum("step_kind", STEP_KINDS);
export const stepStatus = pgEnum("step_status", STEP_STATUSES);
export const attemptOutcome = pgEnum("attempt_outcome", ATTEMPT_OUTCOMES);
export const waitKind = pgEnum("wait_kind", WAIT_KINDS);
export const waitStatus = pgEnum("wait_status", WAIT_STATUSES);
export const waitOutcome = pgEnum("wait_outcome", WAIT_OUTCOMES);
export const approvalStatus = pgEnum("approval_status", APPROVAL_STATUSES);
export const deliveryStatus = pgEnum("delivery_status", DELIVERY_STATUSES);
export const inboundStatus = pgEnum("inbound_status", ["received", "handled", "failed"]);
export const budgetScope = pgEnum("budget_scope", ["run", "workspace_day"]);
export const ledgerStatus = pgEnum("ledger_status", ["reserved", "settled", "lost", "released"]);
export const sensitivity = pgEnum("sensitivity", ["public", "workspace", "private"]);
export const pieceTrust = pgEnum("piece_trust", ["trusted", "untrusted"]);

export const workspaces = pgTable("workspaces", {
  id: text("id").primaryKey(),
  platform: platform("platform").notNull(),
  team: text("team").notNull(),
  name: text("name").notNull(),
  timezone: text("timezone").notNull(),
  /** Last number given to a run and to an approval; people type them. */
  runCounter: integer("run_counter").notNull().default(0),
  approvalCounter: integer("approval_counter").notNull().default(0),
  createdAt: at("created_at").notNull(),
});

const workspaceId = () =>
  text("workspace_id")
    .notNull()
    .references(() => workspaces.id);

export const members = pgTable(
  "members",
  {
    workspaceId: workspaceId(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    role: role("role").notNull(),
    /** IANA zone, or null: the workspace's. */
    timezone: text("timezone"),
    leftAt: at("left_at"),
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.id] })],
);

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
    failuresInARow: integer("failures_in_a_row").notNull().default(0),
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
    /** How many slots this row stands for (a long outage is one row). */
    count: integer("count").notNull().default(1),
    payload: jsonb("payload"),
    createdAt: at("created_at").notNull(),
  },
  (t) => [
    unique("firings_key").on(t.workflowId, t.kind, t.key),
    index("firings_recent").on(t.workspaceId, t.workflowId, t.plannedAt),
  ],
);

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
    index("runs_lease").on(t.leaseUntil).where(sql`status = 'running'`),
    index("runs_of_workflow").on(t.workflowId, t.number),
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
  (t) => [
    index("waits_due").on(t.dueAt).where(sql`status = 'open'`),
    index("waits_of_run").on(t.runId).where(sql`status = 'open'`),
  ],
);

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
    index("deliveries_order").on(t.channelId, t.threadId, t.seq).where(sql`status in ('pending', 'sending')`),
    index("deliveries_of_run").on(t.runId),
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

export const pieces = pgTable(
  "pieces",
  {
    workspaceId: workspaceId(),
    /** SHA-256 of the text, hex. */
    hash: text("hash").notNull(),
    body: text("body").notNull(),
    tokens: integer("tokens").notNull(),
    sensitivity: sensitivity("sensitivity").notNull(),
    trust: pieceTrust("trust").notNull(),
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.hash] })],
);

export const secrets = pgTable(
  "secrets",
  {
    workspaceId: workspaceId(),
    name: text("name").notNull(),
    /** AES-256-GCM: 12 bytes nonce, ciphertext, 16 bytes tag. */
    sealed: bytea("sealed").notNull(),
    keyId: text("key_id").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.name] })],
);

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
