import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";
import { jobPriority } from "./enums.ts";
import { users } from "./users.ts";

/** Jobs that were asked for together. How far they are is counted from `jobs`. */
export const batches = pgTable(
  "batches",
  {
    /** UUIDv7: sorts by time. */
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text("name"),
    priority: jobPriority("priority").notNull().default("normal"),
    status: text("status", { enum: ["active", "paused", "cancelled"] })
      .notNull()
      .default("active"),
    jobCount: integer("job_count").notNull(),
    /** Of the request that made it, and what that request was: said again it makes nothing new. */
    idempotencyKey: text("idempotency_key"),
    requestHash: text("request_hash"),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [
    // Somebody's batches, newest first.
    index("batches_owner").on(table.userId, table.id),
    // The same request twice is one batch.
    uniqueIndex("batches_request").on(table.userId, table.idempotencyKey),
    check("batches_status", sql`${table.status} in ('active', 'paused', 'cancelled')`),
    check("batches_size", sql`${table.jobCount} between 1 and 1000`),
    check("batches_request_whole", sql`(${table.idempotencyKey} is null) = (${table.requestHash} is null)`),
  ],
);
