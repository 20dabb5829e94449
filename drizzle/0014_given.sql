CREATE TABLE "given_versions" (
	"workspace_id" text NOT NULL,
	"workflow_id" uuid NOT NULL,
	"source" text NOT NULL,
	"run_id" uuid NOT NULL,
	"url" text NOT NULL,
	"digest" text NOT NULL,
	"etag" text,
	"last_modified" text,
	"since" timestamp (3) with time zone NOT NULL,
	"given_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "given_versions_workflow_id_source_run_id_pk" PRIMARY KEY("workflow_id","source","run_id")
);
--> statement-breakpoint
ALTER TABLE "given_versions" ADD CONSTRAINT "given_versions_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "given_versions" ADD CONSTRAINT "given_versions_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "given_versions_old" ON "given_versions" USING btree ("given_at");