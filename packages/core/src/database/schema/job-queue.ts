import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";
import { jobPriority, queueStatus } from "./enums.ts";
import { jobs } from "./jobs.ts";
import { users } from "./users.ts";

/** The line in which jobs of batches stand until they are released to the live plane. */
export const jobQueue = pgTable(
  "job_queue",
  {
    /** UUIDv7: the order within user and priority. */
    id: uuid("id").primaryKey(),
    jobId: uuid("job_id")
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    /** The job's owner: limits and fairness go by it. */
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    priority: jobPriority("priority").notNull().default("normal"),
    status: queueStatus("status").notNull().default("queued"),
    queuedAt: moment("queued_at").notNull().defaultNow(),
    /** The release's lease: who claimed it, and when another may. */
    claimToken: uuid("claim_token"),
    claimedUntil: moment("claimed_until"),
    /** How often it was claimed. */
    attempts: integer("attempts").notNull().default(0),
    processingStartedAt: moment("processing_started_at"),
    completedAt: moment("completed_at"),
  },
  (table) => [
    // A job stands in line once.
    uniqueIndex("job_queue_job").on(table.jobId),
    // Claiming: each user's next, by priority and age.
    index("job_queue_next").on(table.userId, table.priority, table.id).where(sql`${table.status} = 'queued'`),
    // A place in the line over all users.
    index("job_queue_line").on(table.priority, table.id).where(sql`${table.status} = 'queued'`),
    // Limits: what each user has under way. Also lets a user's deletion find their entries.
    index("job_queue_owner").on(table.userId, table.status),
    // Limits: what everybody has under way; kept small by itself, whatever has ended since.
    index("job_queue_busy").on(table.userId).where(sql`${table.status} in ('claimed', 'running')`),
    // All that has not ended: the administrator's view of the line, and the search for places taken for nothing.
    index("job_queue_open").on(table.userId, table.status).where(sql`${table.completedAt} is null`),
    // Claims whose holder died.
    index("job_queue_claims").on(table.claimedUntil).where(sql`${table.status} = 'claimed'`),
    check(
      "job_queue_claim_whole",
      sql`${table.status} <> 'claimed' or (${table.claimToken} is not null and ${table.claimedUntil} is not null)`,
    ),
    check(
      "job_queue_end",
      sql`(${table.completedAt} is not null) = (${table.status} in ('completed', 'failed', 'cancelled'))`,
    ),
  ],
);
