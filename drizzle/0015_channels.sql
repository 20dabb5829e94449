ALTER TYPE "public"."firing_kind" ADD VALUE 'workflow';--> statement-breakpoint
ALTER TABLE "console_messages" ADD COLUMN "pinned_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "console_messages" ADD COLUMN "reactions" text[] DEFAULT '{}' NOT NULL;