import { bigint, date, index, integer, numeric, pgTable, primaryKey, uuid } from "drizzle-orm/pg-core";
import { users } from "./users.ts";

/** Exact, as sums must not depend on the order in which they were made. */
const seconds = (name: string) => numeric(name, { precision: 16, scale: 3, mode: "number" });

/**
 * What somebody used, by UTC day. Counted as the stream tells it, once each: it stays when jobs and files are long
 * gone.
 */
export const usageDaily = pgTable(
  "usage_daily",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    day: date("day", { mode: "string" }).notNull(),
    /** By the day they were completed. */
    uploads: integer("uploads").notNull().default(0),
    uploadedBytes: bigint("uploaded_bytes", { mode: "number" }).notNull().default(0),
    /** By the day they were made. */
    jobsCreated: integer("jobs_created").notNull().default(0),
    /** By the day they ended, as all that follow. */
    jobsCompleted: integer("jobs_completed").notNull().default(0),
    jobsFailed: integer("jobs_failed").notNull().default(0),
    jobsCancelled: integer("jobs_cancelled").notNull().default(0),
    outputBytes: bigint("output_bytes", { mode: "number" }).notNull().default(0),
    /** Of main outputs. */
    mediaSeconds: seconds("media_seconds").notNull().default(0),
    /** From start to end of jobs. */
    runSeconds: seconds("run_seconds").notNull().default(0),
  },
  (table) => [
    // Somebody's days in order; the key serves it.
    primaryKey({ columns: [table.userId, table.day] }),
    // The administrator's sums over all users.
    index("usage_daily_day").on(table.day),
  ],
);
