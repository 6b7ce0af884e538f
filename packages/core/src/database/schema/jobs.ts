import type { Failure, JobEvent } from "@t2m/contract/jobs";
import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { batches } from "./batches.ts";
import { moment } from "./columns.ts";
import { jobPriority, jobStatus, removal } from "./enums.ts";
import { users } from "./users.ts";

/** How long a job stood in line and how long it worked, in seconds; absent until it is known. */
export type JobMetrics = { waitSeconds?: number; runSeconds?: number; outputBytes?: number };

/**
 * Jobs, as the live table has or had them. A row is what the live item says at `version`; nothing else writes its
 * columns, but for jobs of a batch before their release (`version` 0), for `estimated_completion`, which the release
 * tells, and for a job whose item was removed before its end: it is cancelled.
 */
export const jobs = pgTable(
  "jobs",
  {
    /** UUIDv7: sorts by time. */
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** History outlives its batch. */
    batchId: uuid("batch_id").references(() => batches.id, { onDelete: "set null" }),
    /** No foreign key: an upload has a row once it is complete, a job before that. */
    uploadId: uuid("upload_id"),
    /** Names the job's graph: `conversion`. */
    kind: text("kind").notNull(),
    status: jobStatus("status").notNull(),
    priority: jobPriority("priority").notNull().default("normal"),
    /** What it is about: the source's name, a brief's title. */
    topic: text("topic").notNull(),
    description: text("description"),
    /** What was asked for. */
    configuration: jsonb("configuration").$type<unknown>().notNull(),
    /** As of `version`; between versions only the live item knows. */
    progressPercentage: numeric("progress_percentage", { precision: 5, scale: 2, mode: "number" })
      .notNull()
      .default(0),
    /** The steps that run, first of them by name. */
    currentStage: text("current_stage"),
    errorInfo: jsonb("error_info").$type<Failure>(),
    metrics: jsonb("metrics").$type<JobMetrics>().notNull().default({}),
    /** Of the live item, which counts its events; 0 as long as there is none. */
    version: integer("version").notNull(),
    cancelRequested: boolean("cancel_requested").notNull().default(false),
    createdAt: moment("created_at").notNull(),
    startedAt: moment("started_at"),
    finishedAt: moment("finished_at"),
    /** When the live item and the outputs go. */
    expiresAt: moment("expires_at"),
    estimatedCompletion: moment("estimated_completion"),
    /** When it left the live plane, and how. What was deleted is history's business no more. */
    removedAt: moment("removed_at"),
    removal: removal("removal"),
    /** Since when only this row is left: its events were dropped. */
    archivedAt: moment("archived_at"),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [
    // History: somebody's jobs, newest first, page by page.
    index("jobs_owner").on(table.userId, table.id),
    // The same, of one status.
    index("jobs_owner_status").on(table.userId, table.status, table.id),
    // A batch's progress is counted by status, from the index alone.
    index("jobs_batch").on(table.batchId, table.status).where(sql`${table.batchId} is not null`),
    // Retention and the administrator's throughput go by the end of jobs.
    index("jobs_finished").on(table.finishedAt, table.id).where(sql`${table.finishedAt} is not null`),
    // Retention drops the events of those that ended long ago, each once.
    index("jobs_unarchived")
      .on(table.finishedAt)
      .where(sql`${table.finishedAt} is not null and ${table.archivedAt} is null`),
    // Deleted ones are purged as soon as the stream can bring nothing of theirs any more.
    index("jobs_deleted").on(table.removedAt).where(sql`${table.removal} = 'deleted'`),
    // What is under way, oldest first: the administrator's view of the whole system.
    index("jobs_open")
      .on(table.status, table.id)
      .where(sql`${table.finishedAt} is null and ${table.removedAt} is null`),
    check("jobs_topic_length", sql`char_length(${table.topic}) between 1 and 255`),
    check("jobs_percentage", sql`${table.progressPercentage} between 0 and 100`),
    check("jobs_version", sql`${table.version} >= 0`),
    check("jobs_removal_whole", sql`(${table.removedAt} is null) = (${table.removal} is null)`),
    check(
      "jobs_end",
      sql`(${table.finishedAt} is not null) = (${table.status} in ('completed', 'failed', 'cancelled'))`,
    ),
    check("jobs_failure", sql`${table.status} <> 'failed' or ${table.errorInfo} is not null`),
  ],
);

/** What happened in a job's life, as its live event items say. */
export const jobEvents = pgTable(
  "job_events",
  {
    jobId: uuid("job_id")
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    /** From 1, without gaps once the stream has caught up. */
    sequence: integer("sequence").notNull(),
    type: text("type").$type<JobEvent["type"]>().notNull(),
    at: moment("at").notNull(),
    status: jobStatus("status").notNull(),
    step: text("step"),
    attempt: integer("attempt"),
    failure: jsonb("failure").$type<Failure>(),
  },
  (table) => [
    // A job's events in order; the key serves it.
    primaryKey({ columns: [table.jobId, table.sequence] }),
    check("job_events_sequence", sql`${table.sequence} > 0`),
  ],
);

/**
 * Events whose job's row is still to come: the stream keeps the order of one item's changes, not of two items'.
 * They move to `job_events` with the job's first row.
 */
export const earlyEvents = pgTable(
  "early_events",
  {
    jobId: uuid("job_id").notNull(),
    sequence: integer("sequence").notNull(),
    event: jsonb("event").$type<Omit<typeof jobEvents.$inferInsert, "at"> & { at: string }>().notNull(),
    seenAt: moment("seen_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.jobId, table.sequence] }),
    // Retention deletes those whose job never came.
    index("early_events_seen").on(table.seenAt),
  ],
);
