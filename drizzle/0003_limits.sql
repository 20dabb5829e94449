ALTER TABLE "runs" ADD COLUMN "claimed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "active_ms" bigint DEFAULT 0 NOT NULL;