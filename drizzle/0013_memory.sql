CREATE TYPE "public"."memory_scope" AS ENUM('workflow', 'channel', 'workspace');--> statement-breakpoint
CREATE TABLE "memories" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"number" integer NOT NULL,
	"text" text NOT NULL,
	"text_hash" text NOT NULL,
	"scope" "memory_scope" NOT NULL,
	"place" text NOT NULL,
	"owner_id" text NOT NULL,
	"sensitivity" "sensitivity" NOT NULL,
	"trust" "piece_trust" NOT NULL,
	"run_id" uuid,
	"key" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	CONSTRAINT "memories_number" UNIQUE("workspace_id","number"),
	CONSTRAINT "memories_key" UNIQUE("workspace_id","key"),
	CONSTRAINT "memories_text" UNIQUE("workspace_id","place","text_hash")
);
--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "memory_counter" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "memories" ADD CONSTRAINT "memories_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "memories_over" ON "memories" USING btree ("expires_at");