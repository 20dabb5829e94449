CREATE TYPE "public"."approval_status" AS ENUM('pending', 'approved', 'denied', 'expired', 'cancelled', 'void', 'replaced', 'consumed');--> statement-breakpoint
CREATE TYPE "public"."attempt_outcome" AS ENUM('started', 'succeeded', 'failed', 'abandoned');--> statement-breakpoint
CREATE TYPE "public"."budget_scope" AS ENUM('run', 'workspace_day');--> statement-breakpoint
CREATE TYPE "public"."delivery_status" AS ENUM('pending', 'sending', 'sent', 'unknown', 'undelivered');--> statement-breakpoint
CREATE TYPE "public"."firing_kind" AS ENUM('slot', 'webhook', 'message', 'person', 'backfill');--> statement-breakpoint
CREATE TYPE "public"."firing_outcome" AS ENUM('ran', 'nothing_to_do', 'skipped', 'missed', 'collapsed');--> statement-breakpoint
CREATE TYPE "public"."inbound_status" AS ENUM('received', 'handled', 'failed');--> statement-breakpoint
CREATE TYPE "public"."ledger_status" AS ENUM('reserved', 'settled', 'lost', 'released');--> statement-breakpoint
CREATE TYPE "public"."piece_trust" AS ENUM('trusted', 'untrusted');--> statement-breakpoint
CREATE TYPE "public"."platform" AS ENUM('console', 'slack', 'discord');--> statement-breakpoint
CREATE TYPE "public"."role" AS ENUM('viewer', 'member', 'approver', 'admin');--> statement-breakpoint
CREATE TYPE "public"."run_status" AS ENUM('queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'dead', 'discarded');--> statement-breakpoint
CREATE TYPE "public"."sensitivity" AS ENUM('public', 'workspace', 'private');--> statement-breakpoint
CREATE TYPE "public"."step_kind" AS ENUM('model', 'tool');--> statement-breakpoint
CREATE TYPE "public"."step_status" AS ENUM('ready', 'waiting', 'started', 'succeeded', 'failed', 'refused', 'unknown');--> statement-breakpoint
CREATE TYPE "public"."wait_kind" AS ENUM('approval', 'answer', 'timer', 'retry', 'budget', 'service', 'unknown_effect', 'stopped');--> statement-breakpoint
CREATE TYPE "public"."wait_outcome" AS ENUM('yes', 'no', 'silence', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."wait_status" AS ENUM('open', 'closed');--> statement-breakpoint
CREATE TYPE "public"."workflow_status" AS ENUM('draft', 'active', 'paused', 'ended', 'expired', 'deleted');--> statement-breakpoint
CREATE TABLE "approvals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"number" integer NOT NULL,
	"run_id" uuid NOT NULL,
	"turn" integer NOT NULL,
	"call_index" integer NOT NULL,
	"status" "approval_status" NOT NULL,
	"call_hash" text NOT NULL,
	"contract_hash" text NOT NULL,
	"decided_by" "role" NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"decider_id" text,
	"reason" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"decided_at" timestamp (3) with time zone,
	CONSTRAINT "approvals_number" UNIQUE("workspace_id","number")
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"workspace_id" text NOT NULL,
	"run_id" uuid NOT NULL,
	"turn" integer NOT NULL,
	"call_index" integer NOT NULL,
	"number" integer NOT NULL,
	"epoch" integer NOT NULL,
	"outcome" "attempt_outcome" NOT NULL,
	"failure" jsonb,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "attempts_run_id_turn_call_index_number_pk" PRIMARY KEY("run_id","turn","call_index","number")
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject_kind" text NOT NULL,
	"subject_id" text NOT NULL,
	"workflow_id" uuid,
	"run_id" uuid,
	"detail" jsonb NOT NULL,
	"seal" integer
);
--> statement-breakpoint
CREATE TABLE "audit_seals" (
	"workspace_id" text NOT NULL,
	"number" integer NOT NULL,
	"event_ids" bigint[] NOT NULL,
	"event_hashes" text[] NOT NULL,
	"previous_hash" text NOT NULL,
	"hash" text NOT NULL,
	"sealed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "audit_seals_workspace_id_number_pk" PRIMARY KEY("workspace_id","number")
);
--> statement-breakpoint
CREATE TABLE "budgets" (
	"workspace_id" text NOT NULL,
	"scope" "budget_scope" NOT NULL,
	"key" text NOT NULL,
	"limit_micros" bigint NOT NULL,
	"reserved_micros" bigint DEFAULT 0 NOT NULL,
	"spent_micros" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "budgets_workspace_id_scope_key_pk" PRIMARY KEY("workspace_id","scope","key")
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"platform" "platform" NOT NULL,
	"key" text NOT NULL,
	"seq" bigserial NOT NULL,
	"workflow_id" uuid,
	"run_id" uuid,
	"channel_id" text NOT NULL,
	"thread_id" text,
	"awaits_home" boolean DEFAULT false NOT NULL,
	"opens_home" boolean DEFAULT false NOT NULL,
	"private_to" text,
	"notice" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"sent_version" integer DEFAULT 0 NOT NULL,
	"status" "delivery_status" NOT NULL,
	"message_id" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"lease_owner" text,
	"lease_until" timestamp (3) with time zone,
	"failure" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	CONSTRAINT "deliveries_key" UNIQUE("workspace_id","key")
);
--> statement-breakpoint
CREATE TABLE "firings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"workflow_id" uuid NOT NULL,
	"kind" "firing_kind" NOT NULL,
	"key" text NOT NULL,
	"planned_at" timestamp (3) with time zone NOT NULL,
	"outcome" "firing_outcome",
	"reason" text,
	"count" integer DEFAULT 1 NOT NULL,
	"payload" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "firings_key" UNIQUE("workflow_id","kind","key")
);
--> statement-breakpoint
CREATE TABLE "inbound_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"platform" "platform" NOT NULL,
	"key" text NOT NULL,
	"status" "inbound_status" NOT NULL,
	"event" jsonb NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"failure" jsonb,
	"received_at" timestamp (3) with time zone NOT NULL,
	"handled_at" timestamp (3) with time zone,
	CONSTRAINT "inbound_events_key" UNIQUE("workspace_id","key")
);
--> statement-breakpoint
CREATE TABLE "ledger" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"workflow_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"turn" integer NOT NULL,
	"call_index" integer NOT NULL,
	"day" date NOT NULL,
	"status" "ledger_status" NOT NULL,
	"model" text NOT NULL,
	"reserved_micros" bigint NOT NULL,
	"settled_micros" bigint,
	"price_source" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"settled_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "members" (
	"workspace_id" text NOT NULL,
	"id" text NOT NULL,
	"name" text NOT NULL,
	"role" "role" NOT NULL,
	"timezone" text,
	"left_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "members_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "pieces" (
	"workspace_id" text NOT NULL,
	"hash" text NOT NULL,
	"body" text NOT NULL,
	"tokens" integer NOT NULL,
	"sensitivity" "sensitivity" NOT NULL,
	"trust" "piece_trust" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "pieces_workspace_id_hash_pk" PRIMARY KEY("workspace_id","hash")
);
--> statement-breakpoint
CREATE TABLE "revisions" (
	"workspace_id" text NOT NULL,
	"workflow_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"instruction" text NOT NULL,
	"trigger" jsonb NOT NULL,
	"destination" jsonb NOT NULL,
	"policies" jsonb NOT NULL,
	"tools" text[] NOT NULL,
	"author_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "revisions_workflow_id_number_pk" PRIMARY KEY("workflow_id","number")
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"workflow_id" uuid NOT NULL,
	"firing_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"status" "run_status" NOT NULL,
	"revision" integer NOT NULL,
	"pins" jsonb NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"epoch" integer DEFAULT 0 NOT NULL,
	"lease_owner" text,
	"lease_until" timestamp (3) with time zone,
	"cancel_requested_by" text,
	"tainted" boolean DEFAULT false NOT NULL,
	"cost_micros" bigint DEFAULT 0 NOT NULL,
	"verdict" jsonb,
	"failure" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "runs_firing" UNIQUE("firing_id"),
	CONSTRAINT "runs_number" UNIQUE("workspace_id","number")
);
--> statement-breakpoint
CREATE TABLE "secrets" (
	"workspace_id" text NOT NULL,
	"name" text NOT NULL,
	"sealed" "bytea" NOT NULL,
	"key_id" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "secrets_workspace_id_name_pk" PRIMARY KEY("workspace_id","name")
);
--> statement-breakpoint
CREATE TABLE "steps" (
	"workspace_id" text NOT NULL,
	"run_id" uuid NOT NULL,
	"turn" integer NOT NULL,
	"call_index" integer NOT NULL,
	"kind" "step_kind" NOT NULL,
	"status" "step_status" NOT NULL,
	"name" text NOT NULL,
	"call_id" text,
	"input" jsonb,
	"input_hash" text,
	"output" jsonb,
	"failure" jsonb,
	"tainted" boolean DEFAULT false NOT NULL,
	"cost_micros" bigint DEFAULT 0 NOT NULL,
	"input_tokens" integer DEFAULT 0 NOT NULL,
	"cached_input_tokens" integer DEFAULT 0 NOT NULL,
	"output_tokens" integer DEFAULT 0 NOT NULL,
	"manifest" jsonb,
	"attempts" integer DEFAULT 0 NOT NULL,
	"started_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "steps_run_id_turn_call_index_pk" PRIMARY KEY("run_id","turn","call_index")
);
--> statement-breakpoint
CREATE TABLE "thread_messages" (
	"workspace_id" text NOT NULL,
	"workflow_id" uuid NOT NULL,
	"message_id" text NOT NULL,
	"member_id" text NOT NULL,
	"member_name" text NOT NULL,
	"text" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "thread_messages_workspace_id_message_id_pk" PRIMARY KEY("workspace_id","message_id")
);
--> statement-breakpoint
CREATE TABLE "votes" (
	"workspace_id" text NOT NULL,
	"approval_id" uuid NOT NULL,
	"member_id" text NOT NULL,
	"choice" text NOT NULL,
	"reason" text,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "votes_approval_id_member_id_pk" PRIMARY KEY("approval_id","member_id")
);
--> statement-breakpoint
CREATE TABLE "waits" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"run_id" uuid NOT NULL,
	"turn" integer,
	"call_index" integer,
	"kind" "wait_kind" NOT NULL,
	"status" "wait_status" NOT NULL,
	"outcome" "wait_outcome",
	"due_at" timestamp (3) with time zone,
	"detail" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	"closed_by" text
);
--> statement-breakpoint
CREATE TABLE "workflows" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"name" text NOT NULL,
	"owner_id" text NOT NULL,
	"status" "workflow_status" NOT NULL,
	"revision" integer NOT NULL,
	"channel_id" text NOT NULL,
	"thread_id" text,
	"next_slot_at" timestamp (3) with time zone,
	"paused_by" text,
	"paused_note" text,
	"paused_at" timestamp (3) with time zone,
	"failures_in_a_row" integer DEFAULT 0 NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"created_from" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "workflows_created_from" UNIQUE("workspace_id","created_from")
);
--> statement-breakpoint
CREATE TABLE "workspaces" (
	"id" text PRIMARY KEY NOT NULL,
	"platform" "platform" NOT NULL,
	"team" text NOT NULL,
	"name" text NOT NULL,
	"timezone" text NOT NULL,
	"run_counter" integer DEFAULT 0 NOT NULL,
	"approval_counter" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "console_messages" (
	"workspace_id" text NOT NULL,
	"id" text NOT NULL,
	"seq" bigserial NOT NULL,
	"channel_id" text NOT NULL,
	"thread_id" text,
	"author_id" text NOT NULL,
	"author_name" text NOT NULL,
	"text" text,
	"card" jsonb,
	"key" text,
	"private_to" text,
	"at" timestamp (3) with time zone NOT NULL,
	"edited_at" timestamp (3) with time zone,
	CONSTRAINT "console_messages_workspace_id_id_pk" PRIMARY KEY("workspace_id","id"),
	CONSTRAINT "console_messages_key" UNIQUE("workspace_id","key")
);
--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_run_id_turn_call_index_steps_run_id_turn_call_index_fk" FOREIGN KEY ("run_id","turn","call_index") REFERENCES "public"."steps"("run_id","turn","call_index") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_run_id_turn_call_index_steps_run_id_turn_call_index_fk" FOREIGN KEY ("run_id","turn","call_index") REFERENCES "public"."steps"("run_id","turn","call_index") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_events" ADD CONSTRAINT "audit_events_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_seals" ADD CONSTRAINT "audit_seals_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "firings" ADD CONSTRAINT "firings_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "firings" ADD CONSTRAINT "firings_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbound_events" ADD CONSTRAINT "inbound_events_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pieces" ADD CONSTRAINT "pieces_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revisions" ADD CONSTRAINT "revisions_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revisions" ADD CONSTRAINT "revisions_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_firing_id_firings_id_fk" FOREIGN KEY ("firing_id") REFERENCES "public"."firings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "secrets" ADD CONSTRAINT "secrets_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "steps" ADD CONSTRAINT "steps_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "steps" ADD CONSTRAINT "steps_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "thread_messages" ADD CONSTRAINT "thread_messages_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "thread_messages" ADD CONSTRAINT "thread_messages_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "votes" ADD CONSTRAINT "votes_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "votes" ADD CONSTRAINT "votes_approval_id_approvals_id_fk" FOREIGN KEY ("approval_id") REFERENCES "public"."approvals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waits" ADD CONSTRAINT "waits_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waits" ADD CONSTRAINT "waits_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflows" ADD CONSTRAINT "workflows_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "approvals_open" ON "approvals" USING btree ("run_id","turn","call_index") WHERE status in ('pending', 'approved');--> statement-breakpoint
CREATE INDEX "approvals_pending" ON "approvals" USING btree ("workspace_id","number") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "audit_events_unsealed" ON "audit_events" USING btree ("workspace_id","id") WHERE seal is null;--> statement-breakpoint
CREATE INDEX "audit_events_of_workflow" ON "audit_events" USING btree ("workspace_id","workflow_id","id");--> statement-breakpoint
CREATE INDEX "audit_events_of_run" ON "audit_events" USING btree ("run_id","id");--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "deliveries" USING btree ("platform","due_at") WHERE status in ('pending', 'sending');--> statement-breakpoint
CREATE INDEX "deliveries_order" ON "deliveries" USING btree ("channel_id","thread_id","seq") WHERE status in ('pending', 'sending');--> statement-breakpoint
CREATE INDEX "deliveries_of_run" ON "deliveries" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "firings_recent" ON "firings" USING btree ("workspace_id","workflow_id","planned_at");--> statement-breakpoint
CREATE INDEX "inbound_events_open" ON "inbound_events" USING btree ("received_at") WHERE status = 'received';--> statement-breakpoint
CREATE INDEX "ledger_run" ON "ledger" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "ledger_day" ON "ledger" USING btree ("workspace_id","day");--> statement-breakpoint
CREATE INDEX "ledger_open" ON "ledger" USING btree ("run_id") WHERE status = 'reserved';--> statement-breakpoint
CREATE INDEX "runs_due" ON "runs" USING btree ("due_at") WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX "runs_lease" ON "runs" USING btree ("lease_until") WHERE status = 'running';--> statement-breakpoint
CREATE INDEX "runs_of_workflow" ON "runs" USING btree ("workflow_id","number");--> statement-breakpoint
CREATE INDEX "runs_open" ON "runs" USING btree ("workspace_id","status") WHERE status in ('queued', 'running', 'waiting', 'dead');--> statement-breakpoint
CREATE INDEX "thread_messages_tail" ON "thread_messages" USING btree ("workflow_id","at");--> statement-breakpoint
CREATE INDEX "waits_due" ON "waits" USING btree ("due_at") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "waits_of_run" ON "waits" USING btree ("run_id") WHERE status = 'open';--> statement-breakpoint
CREATE UNIQUE INDEX "workflows_name" ON "workflows" USING btree ("workspace_id","name") WHERE status not in ('deleted', 'expired');--> statement-breakpoint
CREATE INDEX "workflows_due" ON "workflows" USING btree ("next_slot_at") WHERE status = 'active' and next_slot_at is not null;--> statement-breakpoint
CREATE INDEX "workflows_thread" ON "workflows" USING btree ("workspace_id","thread_id");--> statement-breakpoint
CREATE INDEX "console_messages_page" ON "console_messages" USING btree ("workspace_id","channel_id","thread_id","seq");