CREATE TABLE "grant_uses" (
	"workspace_id" text NOT NULL,
	"grant_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"turn" integer NOT NULL,
	"call_index" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "grant_uses_run_id_turn_call_index_pk" PRIMARY KEY("run_id","turn","call_index")
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"number" integer,
	"workflow_id" uuid NOT NULL,
	"tool" text NOT NULL,
	"contract_hash" text NOT NULL,
	"instruction_hash" text NOT NULL,
	"pattern" jsonb NOT NULL,
	"after_outside" boolean NOT NULL,
	"uses" integer NOT NULL,
	"uses_left" integer NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"approval_id" uuid,
	"proposed_by" text NOT NULL,
	"proposed_at" timestamp (3) with time zone NOT NULL,
	"given_at" timestamp (3) with time zone,
	"revoked_by" text,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "grants_number" UNIQUE("workspace_id","number")
);
--> statement-breakpoint
CREATE TABLE "policy_rules" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"number" integer,
	"workflow_id" uuid,
	"body" jsonb NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_at" timestamp (3) with time zone NOT NULL,
	"saved_at" timestamp (3) with time zone,
	"removed_by" text,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "policy_rules_number" UNIQUE("workspace_id","number")
);
--> statement-breakpoint
ALTER TABLE "approvals" ADD COLUMN "terms" jsonb;--> statement-breakpoint
ALTER TABLE "approvals" ADD COLUMN "authors" text[] DEFAULT '{}'::text[] NOT NULL;--> statement-breakpoint
ALTER TABLE "approvals" ADD COLUMN "remind_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN "groups" text[] DEFAULT '{}'::text[] NOT NULL;--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "stopped_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "stopped_by" text;--> statement-breakpoint
ALTER TABLE "grant_uses" ADD CONSTRAINT "grant_uses_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grant_uses" ADD CONSTRAINT "grant_uses_grant_id_grants_id_fk" FOREIGN KEY ("grant_id") REFERENCES "public"."grants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_rules" ADD CONSTRAINT "policy_rules_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_rules" ADD CONSTRAINT "policy_rules_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "grant_uses_of_grant" ON "grant_uses" USING btree ("grant_id");--> statement-breakpoint
CREATE INDEX "grants_held" ON "grants" USING btree ("workflow_id","tool") WHERE given_at is not null and revoked_at is null;--> statement-breakpoint
CREATE INDEX "policy_rules_held" ON "policy_rules" USING btree ("workspace_id") WHERE saved_at is not null and removed_at is null;--> statement-breakpoint
CREATE INDEX "approvals_remind" ON "approvals" USING btree ("remind_at") WHERE status = 'pending' and remind_at is not null;