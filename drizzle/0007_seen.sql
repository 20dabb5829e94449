CREATE TABLE "seen_items" (
	"workspace_id" text NOT NULL,
	"workflow_id" uuid NOT NULL,
	"source" text NOT NULL,
	"item" text NOT NULL,
	"run_id" uuid NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "seen_items_workflow_id_source_item_pk" PRIMARY KEY("workflow_id","source","item")
);
--> statement-breakpoint
ALTER TABLE "seen_items" ADD CONSTRAINT "seen_items_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "seen_items" ADD CONSTRAINT "seen_items_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "seen_items_old" ON "seen_items" USING btree ("seen_at");