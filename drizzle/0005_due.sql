DROP INDEX "deliveries_order";--> statement-breakpoint
CREATE INDEX "deliveries_awaiting_home" ON "deliveries" USING btree ("workflow_id") WHERE awaits_home and thread_id is null;--> statement-breakpoint
CREATE INDEX "runs_open_of_workflow" ON "runs" USING btree ("workflow_id") WHERE status in ('queued', 'running', 'waiting');--> statement-breakpoint
CREATE INDEX "firings_undecided" ON "firings" USING btree ("workflow_id") WHERE outcome is null;--> statement-breakpoint
CREATE INDEX "workflows_drafts" ON "workflows" USING btree ("expires_at") WHERE status = 'draft';--> statement-breakpoint
CREATE INDEX "deliveries_order" ON "deliveries" USING btree ("channel_id","thread_id","seq") WHERE status in ('pending', 'sending') and message_id is null;