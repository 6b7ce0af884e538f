-- outside a transaction
-- One that broke off is there and of no use.
drop index concurrently if exists job_queue_busy;
--> statement-breakpoint
create index concurrently job_queue_busy on job_queue using btree (user_id) where status in ('claimed', 'running');
