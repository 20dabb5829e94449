ALTER TYPE "public"."firing_kind" ADD VALUE 'dry_run';--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "dry" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "rehearsal" boolean GENERATED ALWAYS AS ((replay_of is not null or dry)) STORED NOT NULL;--> statement-breakpoint
CREATE INDEX "runs_dry" ON "runs" USING btree ("workflow_id") WHERE dry;