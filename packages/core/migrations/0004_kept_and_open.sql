-- outside a transaction
-- One that broke off is there and of no use.
drop index concurrently if exists file_metadata_kept;
--> statement-breakpoint
create index concurrently file_metadata_kept on file_metadata using btree (user_id, created_at, id) where removed_at is null;
--> statement-breakpoint
drop index concurrently if exists job_queue_open;
--> statement-breakpoint
create index concurrently job_queue_open on job_queue using btree (user_id, status) where completed_at is null;
--> statement-breakpoint
drop index concurrently if exists file_metadata_owner_type;
