CREATE TYPE "public"."incident_status" AS ENUM('open', 'recovered', 'closed');--> statement-breakpoint
CREATE TABLE "incidents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"workflow_id" uuid NOT NULL,
	"status" "incident_status" NOT NULL,
	"fingerprint" text NOT NULL,
	"count" integer DEFAULT 1 NOT NULL,
	"failure" jsonb NOT NULL,
	"first_run_id" uuid NOT NULL,
	"first_run_number" integer NOT NULL,
	"last_run_id" uuid NOT NULL,
	"last_run_number" integer NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	"acknowledged_by" text,
	"acknowledged_at" timestamp (3) with time zone,
	"paused_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "restart_of" uuid;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "incident_id" uuid;--> statement-breakpoint
ALTER TABLE "workflows" ADD COLUMN "paused_slot_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "workflows" ADD COLUMN "open_incidents" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "incidents_open" ON "incidents" USING btree ("workflow_id","fingerprint") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "incidents_of_workspace" ON "incidents" USING btree ("workspace_id","last_at") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "approvals_unused" ON "approvals" USING btree ("expires_at") WHERE status = 'approved';--> statement-breakpoint
CREATE INDEX "runs_of_incident" ON "runs" USING btree ("incident_id") WHERE incident_id is not null;