CREATE TYPE "public"."job_priority" AS ENUM('high', 'normal', 'low');--> statement-breakpoint
CREATE TYPE "public"."job_status" AS ENUM('waiting', 'queued', 'running', 'completed', 'failed', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."queue_status" AS ENUM('queued', 'paused', 'claimed', 'running', 'completed', 'failed', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."removal" AS ENUM('deleted', 'expired');--> statement-breakpoint
CREATE TYPE "public"."user_role" AS ENUM('user', 'admin');--> statement-breakpoint
CREATE TABLE "activity_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"user_id" uuid,
	"actor_id" uuid,
	"action" text NOT NULL,
	"subject_type" text,
	"subject_id" text,
	"ip_address" "inet",
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "batches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"name" text,
	"priority" "job_priority" DEFAULT 'normal' NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"job_count" integer NOT NULL,
	"idempotency_key" text,
	"request_hash" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "batches_status" CHECK ("batches"."status" in ('active', 'paused', 'cancelled')),
	CONSTRAINT "batches_size" CHECK ("batches"."job_count" between 1 and 1000),
	CONSTRAINT "batches_request_whole" CHECK (("batches"."idempotency_key" is null) = ("batches"."request_hash" is null))
);
--> statement-breakpoint
CREATE TABLE "file_metadata" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"job_id" uuid,
	"file_type" text NOT NULL,
	"original_filename" text NOT NULL,
	"s3_bucket" text NOT NULL,
	"s3_key" text NOT NULL,
	"file_size" bigint NOT NULL,
	"content_type" text NOT NULL,
	"version_id" text,
	"checksum_crc32" text,
	"duration_seconds" double precision,
	"audio_codec" text,
	"video_codec" text,
	"width_pixels" integer,
	"height_pixels" integer,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"removed_at" timestamp (3) with time zone,
	"removal" "removal",
	CONSTRAINT "file_metadata_size" CHECK ("file_metadata"."file_size" >= 0),
	CONSTRAINT "file_metadata_source" CHECK (("file_metadata"."file_type" = 'source') = ("file_metadata"."job_id" is null)),
	CONSTRAINT "file_metadata_key" CHECK ("file_metadata"."s3_key" like 'users/' || "file_metadata"."user_id" || '/%'),
	CONSTRAINT "file_metadata_removal_whole" CHECK (("file_metadata"."removed_at" is null) = ("file_metadata"."removal" is null)),
	CONSTRAINT "file_metadata_type" CHECK ("file_metadata"."file_type" in ('source', 'main', 'poster', 'waveform', 'peaks', 'code', 'video')),
	CONSTRAINT "file_metadata_bucket" CHECK ("file_metadata"."s3_bucket" in ('uploads', 'videos', 'code', 'thumbnails'))
);
--> statement-breakpoint
CREATE TABLE "share_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"file_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"secret_hash" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	"use_count" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "share_links_order" CHECK ("share_links"."expires_at" > "share_links"."created_at")
);
--> statement-breakpoint
CREATE TABLE "job_queue" (
	"id" uuid PRIMARY KEY NOT NULL,
	"job_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"priority" "job_priority" DEFAULT 'normal' NOT NULL,
	"status" "queue_status" DEFAULT 'queued' NOT NULL,
	"queued_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"claim_token" uuid,
	"claimed_until" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"processing_started_at" timestamp (3) with time zone,
	"completed_at" timestamp (3) with time zone,
	CONSTRAINT "job_queue_claim_whole" CHECK ("job_queue"."status" <> 'claimed' or ("job_queue"."claim_token" is not null and "job_queue"."claimed_until" is not null)),
	CONSTRAINT "job_queue_end" CHECK (("job_queue"."completed_at" is not null) = ("job_queue"."status" in ('completed', 'failed', 'cancelled')))
);
--> statement-breakpoint
CREATE TABLE "early_events" (
	"job_id" uuid NOT NULL,
	"sequence" integer NOT NULL,
	"event" jsonb NOT NULL,
	"seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "early_events_job_id_sequence_pk" PRIMARY KEY("job_id","sequence")
);
--> statement-breakpoint
CREATE TABLE "job_events" (
	"job_id" uuid NOT NULL,
	"sequence" integer NOT NULL,
	"type" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"status" "job_status" NOT NULL,
	"step" text,
	"attempt" integer,
	"failure" jsonb,
	CONSTRAINT "job_events_job_id_sequence_pk" PRIMARY KEY("job_id","sequence"),
	CONSTRAINT "job_events_sequence" CHECK ("job_events"."sequence" > 0)
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"batch_id" uuid,
	"upload_id" uuid,
	"kind" text NOT NULL,
	"status" "job_status" NOT NULL,
	"priority" "job_priority" DEFAULT 'normal' NOT NULL,
	"topic" text NOT NULL,
	"description" text,
	"configuration" jsonb NOT NULL,
	"progress_percentage" numeric(5, 2) DEFAULT 0 NOT NULL,
	"current_stage" text,
	"error_info" jsonb,
	"metrics" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"version" integer NOT NULL,
	"cancel_requested" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	"estimated_completion" timestamp (3) with time zone,
	"removed_at" timestamp (3) with time zone,
	"removal" "removal",
	"archived_at" timestamp (3) with time zone,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "jobs_topic_length" CHECK (char_length("jobs"."topic") between 1 and 255),
	CONSTRAINT "jobs_percentage" CHECK ("jobs"."progress_percentage" between 0 and 100),
	CONSTRAINT "jobs_version" CHECK ("jobs"."version" >= 0),
	CONSTRAINT "jobs_removal_whole" CHECK (("jobs"."removed_at" is null) = ("jobs"."removal" is null)),
	CONSTRAINT "jobs_end" CHECK (("jobs"."finished_at" is not null) = ("jobs"."status" in ('completed', 'failed', 'cancelled'))),
	CONSTRAINT "jobs_failure" CHECK ("jobs"."status" <> 'failed' or "jobs"."error_info" is not null)
);
--> statement-breakpoint
CREATE TABLE "permissions" (
	"user_id" uuid NOT NULL,
	"permission" text NOT NULL,
	"granted_by" uuid,
	"granted_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone,
	CONSTRAINT "permissions_user_id_permission_pk" PRIMARY KEY("user_id","permission")
);
--> statement-breakpoint
CREATE TABLE "refused_records" (
	"event_id" text PRIMARY KEY NOT NULL,
	"reason" text NOT NULL,
	"detail" text NOT NULL,
	"record" jsonb NOT NULL,
	"refused_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"user_agent" text,
	"ip_address" "inet",
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "sessions_order" CHECK ("sessions"."expires_at" > "sessions"."created_at")
);
--> statement-breakpoint
CREATE TABLE "usage_daily" (
	"user_id" uuid NOT NULL,
	"day" date NOT NULL,
	"uploads" integer DEFAULT 0 NOT NULL,
	"uploaded_bytes" bigint DEFAULT 0 NOT NULL,
	"jobs_created" integer DEFAULT 0 NOT NULL,
	"jobs_completed" integer DEFAULT 0 NOT NULL,
	"jobs_failed" integer DEFAULT 0 NOT NULL,
	"jobs_cancelled" integer DEFAULT 0 NOT NULL,
	"output_bytes" bigint DEFAULT 0 NOT NULL,
	"media_seconds" numeric(16, 3) DEFAULT 0 NOT NULL,
	"run_seconds" numeric(16, 3) DEFAULT 0 NOT NULL,
	CONSTRAINT "usage_daily_user_id_day_pk" PRIMARY KEY("user_id","day")
);
--> statement-breakpoint
CREATE TABLE "erasures" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"erased_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"issuer" text,
	"subject" text,
	"email" text,
	"name" text,
	"role" "user_role" DEFAULT 'user' NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp (3) with time zone,
	"suspended_at" timestamp (3) with time zone,
	CONSTRAINT "users_identity_whole" CHECK (("users"."issuer" is null) = ("users"."subject" is null)),
	CONSTRAINT "users_metadata_object" CHECK (jsonb_typeof("users"."metadata") = 'object')
);
--> statement-breakpoint
ALTER TABLE "activity_log" ADD CONSTRAINT "activity_log_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "activity_log" ADD CONSTRAINT "activity_log_actor_id_users_id_fk" FOREIGN KEY ("actor_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batches" ADD CONSTRAINT "batches_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "file_metadata" ADD CONSTRAINT "file_metadata_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "file_metadata" ADD CONSTRAINT "file_metadata_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "share_links" ADD CONSTRAINT "share_links_file_id_file_metadata_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."file_metadata"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "share_links" ADD CONSTRAINT "share_links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "job_queue" ADD CONSTRAINT "job_queue_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "job_queue" ADD CONSTRAINT "job_queue_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "job_events" ADD CONSTRAINT "job_events_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_batch_id_batches_id_fk" FOREIGN KEY ("batch_id") REFERENCES "public"."batches"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "permissions" ADD CONSTRAINT "permissions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "permissions" ADD CONSTRAINT "permissions_granted_by_users_id_fk" FOREIGN KEY ("granted_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_daily" ADD CONSTRAINT "usage_daily_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "activity_log_owner" ON "activity_log" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "activity_log_actor" ON "activity_log" USING btree ("actor_id","id");--> statement-breakpoint
CREATE INDEX "activity_log_action" ON "activity_log" USING btree ("action","id");--> statement-breakpoint
CREATE INDEX "activity_log_at" ON "activity_log" USING btree ("at");--> statement-breakpoint
CREATE INDEX "batches_owner" ON "batches" USING btree ("user_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "batches_request" ON "batches" USING btree ("user_id","idempotency_key");--> statement-breakpoint
CREATE UNIQUE INDEX "file_metadata_object" ON "file_metadata" USING btree ("s3_bucket","s3_key");--> statement-breakpoint
CREATE INDEX "file_metadata_owner" ON "file_metadata" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "file_metadata_owner_type" ON "file_metadata" USING btree ("user_id","file_type","created_at","id");--> statement-breakpoint
CREATE INDEX "file_metadata_job" ON "file_metadata" USING btree ("job_id");--> statement-breakpoint
CREATE INDEX "file_metadata_removed" ON "file_metadata" USING btree ("removed_at") WHERE "file_metadata"."removed_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "share_links_secret" ON "share_links" USING btree ("secret_hash");--> statement-breakpoint
CREATE INDEX "share_links_file" ON "share_links" USING btree ("file_id");--> statement-breakpoint
CREATE INDEX "share_links_owner" ON "share_links" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "share_links_end" ON "share_links" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "job_queue_job" ON "job_queue" USING btree ("job_id");--> statement-breakpoint
CREATE INDEX "job_queue_next" ON "job_queue" USING btree ("user_id","priority","id") WHERE "job_queue"."status" = 'queued';--> statement-breakpoint
CREATE INDEX "job_queue_line" ON "job_queue" USING btree ("priority","id") WHERE "job_queue"."status" = 'queued';--> statement-breakpoint
CREATE INDEX "job_queue_owner" ON "job_queue" USING btree ("user_id","status");--> statement-breakpoint
CREATE INDEX "job_queue_claims" ON "job_queue" USING btree ("claimed_until") WHERE "job_queue"."status" = 'claimed';--> statement-breakpoint
CREATE INDEX "early_events_seen" ON "early_events" USING btree ("seen_at");--> statement-breakpoint
CREATE INDEX "jobs_owner" ON "jobs" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "jobs_owner_status" ON "jobs" USING btree ("user_id","status","id");--> statement-breakpoint
CREATE INDEX "jobs_batch" ON "jobs" USING btree ("batch_id","status") WHERE "jobs"."batch_id" is not null;--> statement-breakpoint
CREATE INDEX "jobs_finished" ON "jobs" USING btree ("finished_at","id") WHERE "jobs"."finished_at" is not null;--> statement-breakpoint
CREATE INDEX "jobs_unarchived" ON "jobs" USING btree ("finished_at") WHERE "jobs"."finished_at" is not null and "jobs"."archived_at" is null;--> statement-breakpoint
CREATE INDEX "jobs_deleted" ON "jobs" USING btree ("removed_at") WHERE "jobs"."removal" = 'deleted';--> statement-breakpoint
CREATE INDEX "jobs_open" ON "jobs" USING btree ("status","id") WHERE "jobs"."finished_at" is null and "jobs"."removed_at" is null;--> statement-breakpoint
CREATE INDEX "permissions_granter" ON "permissions" USING btree ("granted_by");--> statement-breakpoint
CREATE INDEX "refused_records_at" ON "refused_records" USING btree ("refused_at");--> statement-breakpoint
CREATE INDEX "sessions_owner" ON "sessions" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE INDEX "sessions_end" ON "sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "usage_daily_day" ON "usage_daily" USING btree ("day");--> statement-breakpoint
CREATE UNIQUE INDEX "users_identity" ON "users" USING btree ("issuer","subject");--> statement-breakpoint
CREATE INDEX "users_email" ON "users" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "users_created" ON "users" USING btree ("created_at","id");