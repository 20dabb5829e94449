CREATE TYPE "public"."question_status" AS ENUM('open', 'answered', 'expired', 'cancelled');--> statement-breakpoint
CREATE TABLE "questions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"number" integer NOT NULL,
	"run_id" uuid NOT NULL,
	"turn" integer NOT NULL,
	"call_index" integer NOT NULL,
	"status" "question_status" NOT NULL,
	"text" text NOT NULL,
	"choices" text[],
	"answerers" text[],
	"remind_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"answer" text,
	"answered_by" text,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "questions_number" UNIQUE("workspace_id","number")
);
--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "question_counter" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "questions" ADD CONSTRAINT "questions_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "questions" ADD CONSTRAINT "questions_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "questions_of_run" ON "questions" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "questions_remind" ON "questions" USING btree ("remind_at") WHERE status = 'open' and remind_at is not null;