import { index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";

/**
 * Stream records that were not taken into the record: unreadable ones and those that would move a job where it cannot
 * go. Kept for a person to look at, so that one bad record does not hold up all that follow.
 */
export const refusedRecords = pgTable(
  "refused_records",
  {
    /** The stream's own id of the record: refused again it is still one row. */
    eventId: text("event_id").primaryKey(),
    reason: text("reason", { enum: ["unreadable", "illegal_transition", "constraint"] }).notNull(),
    detail: text("detail").notNull(),
    record: jsonb("record").notNull(),
    refusedAt: moment("refused_at").notNull().defaultNow(),
  },
  (table) => [
    // Newest first for who looks, oldest first for retention.
    index("refused_records_at").on(table.refusedAt),
  ],
);
