-- outside a transaction
-- Both extensions are ones that an owner may install, on RDS too.
create extension if not exists pg_trgm;
--> statement-breakpoint
create extension if not exists btree_gin;
--> statement-breakpoint
-- One that broke off is there and of no use.
drop index concurrently if exists file_metadata_name;
--> statement-breakpoint
create index concurrently file_metadata_name on file_metadata using gin (user_id, original_filename gin_trgm_ops);
