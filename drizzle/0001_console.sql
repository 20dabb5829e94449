CREATE TABLE "console_sessions" (
	"workspace_id" text NOT NULL,
	"hash" text NOT NULL,
	"member_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "console_sessions_workspace_id_hash_pk" PRIMARY KEY("workspace_id","hash")
);
--> statement-breakpoint
ALTER TABLE "console_messages" ADD COLUMN "version" bigserial NOT NULL;--> statement-breakpoint
CREATE INDEX "console_sessions_expiry" ON "console_sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "console_messages_changes" ON "console_messages" USING btree ("workspace_id","channel_id","version");