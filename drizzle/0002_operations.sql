CREATE TYPE "public"."breaker_status" AS ENUM('closed', 'open', 'half_open');--> statement-breakpoint
ALTER TYPE "public"."firing_kind" ADD VALUE 'replay';--> statement-breakpoint
CREATE TABLE "breakers" (
	"workspace_id" text NOT NULL,
	"service" text NOT NULL,
	"status" "breaker_status" NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"opens" integer DEFAULT 0 NOT NULL,
	"opened_at" timestamp (3) with time zone,
	"probe_at" timestamp (3) with time zone,
	"probe_until" timestamp (3) with time zone,
	"failure" jsonb,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "breakers_workspace_id_service_pk" PRIMARY KEY("workspace_id","service")
);
--> statement-breakpoint
CREATE TABLE "service_minutes" (
	"workspace_id" text NOT NULL,
	"service" text NOT NULL,
	"minute" timestamp (3) with time zone NOT NULL,
	"calls" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "service_minutes_workspace_id_service_minute_pk" PRIMARY KEY("workspace_id","service","minute")
);
--> statement-breakpoint
DROP INDEX "waits_of_run";--> statement-breakpoint
ALTER TABLE "pieces" ADD COLUMN "last_used_at" timestamp (3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "replay_of" uuid;--> statement-breakpoint
ALTER TABLE "workflows" ADD COLUMN "skip_next" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "workflows" ADD COLUMN "last_said_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "workflows" ADD COLUMN "quiet_checks" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "breakers" ADD CONSTRAINT "breakers_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_minutes" ADD CONSTRAINT "service_minutes_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "breakers_status" ON "breakers" USING btree ("workspace_id","status");--> statement-breakpoint
CREATE INDEX "service_minutes_old" ON "service_minutes" USING btree ("minute");--> statement-breakpoint
CREATE INDEX "approvals_of_step" ON "approvals" USING btree ("run_id","turn","call_index");--> statement-breakpoint
CREATE INDEX "pieces_unused" ON "pieces" USING btree ("last_used_at");--> statement-breakpoint
CREATE INDEX "runs_due_by_workspace" ON "runs" USING btree ("workspace_id","due_at") WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX "runs_replaying" ON "runs" USING btree ("replay_of") WHERE replay_of is not null;--> statement-breakpoint
CREATE INDEX "waits_of_run" ON "waits" USING btree ("run_id");