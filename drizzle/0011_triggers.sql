CREATE TYPE "public"."route_kind" AS ENUM('webhook', 'message', 'reaction', 'outcome');--> statement-breakpoint
CREATE TYPE "public"."firing_gate" AS ENUM('checking', 'passed');--> statement-breakpoint
ALTER TYPE "public"."firing_kind" ADD VALUE 'reaction';--> statement-breakpoint
ALTER TYPE "public"."firing_kind" ADD VALUE 'outcome';--> statement-breakpoint
ALTER TYPE "public"."firing_kind" ADD VALUE 'change';--> statement-breakpoint
CREATE TABLE "baselines" (
	"workspace_id" text NOT NULL,
	"workflow_id" uuid PRIMARY KEY NOT NULL,
	"gate" text NOT NULL,
	"seen" jsonb,
	"seen_at" timestamp (3) with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"failing_since" timestamp (3) with time zone,
	"failure" jsonb
);
--> statement-breakpoint
CREATE TABLE "checks" (
	"workspace_id" text NOT NULL,
	"workflow_id" uuid NOT NULL,
	"firing_id" uuid PRIMARY KEY NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"lease_owner" text,
	"lease_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "routes" (
	"workspace_id" text NOT NULL,
	"workflow_id" uuid NOT NULL,
	"kind" "route_kind" NOT NULL,
	"channel_id" text,
	"watches_id" uuid,
	CONSTRAINT "routes_workflow_id_pk" PRIMARY KEY("workflow_id")
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"workspace_id" text NOT NULL,
	"workflow_id" uuid PRIMARY KEY NOT NULL,
	"endpoint" text NOT NULL,
	"sealed" "bytea" NOT NULL,
	"key_id" text NOT NULL,
	"shown_key" text,
	"shown_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "webhooks_endpoint_unique" UNIQUE("endpoint")
);
--> statement-breakpoint
ALTER TABLE "firings" ADD COLUMN "gate" "firing_gate";--> statement-breakpoint
ALTER TABLE "baselines" ADD CONSTRAINT "baselines_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "baselines" ADD CONSTRAINT "baselines_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checks" ADD CONSTRAINT "checks_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checks" ADD CONSTRAINT "checks_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checks" ADD CONSTRAINT "checks_firing_id_firings_id_fk" FOREIGN KEY ("firing_id") REFERENCES "public"."firings"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "routes" ADD CONSTRAINT "routes_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "routes" ADD CONSTRAINT "routes_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "routes" ADD CONSTRAINT "routes_watches_id_workflows_id_fk" FOREIGN KEY ("watches_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "checks_due" ON "checks" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "routes_heard" ON "routes" USING btree ("workspace_id","kind","channel_id");--> statement-breakpoint
CREATE INDEX "routes_watched" ON "routes" USING btree ("watches_id");