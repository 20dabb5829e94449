ALTER TABLE "deliveries" ADD COLUMN "reply_token" text;--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "changed" jsonb;