import { index, inet, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";
import { users } from "./users.ts";

/** Every sensitive act. Entries outlive the people in them: a deleted account's keep no name. */
export const activityLog = pgTable(
  "activity_log",
  {
    /** UUIDv7: sorts by time. */
    id: uuid("id").primaryKey(),
    at: moment("at").notNull().defaultNow(),
    /** Whose account it is about. */
    userId: uuid("user_id").references(() => users.id, { onDelete: "set null" }),
    /** Who did it; absent where the system did. */
    actorId: uuid("actor_id").references(() => users.id, { onDelete: "set null" }),
    /** What was done, as in `session.revoked`. */
    action: text("action").notNull(),
    /** What it was done to: the kind of thing and its id. */
    subjectType: text("subject_type"),
    subjectId: text("subject_id"),
    ipAddress: inet("ip_address"),
    details: jsonb("details").$type<Record<string, unknown>>().notNull().default({}),
  },
  (table) => [
    // Somebody's activity, newest first.
    index("activity_log_owner").on(table.userId, table.id),
    // What an administrator did; also lets a user's deletion find their acts.
    index("activity_log_actor").on(table.actorId, table.id),
    // One kind of act over all users, newest first.
    index("activity_log_action").on(table.action, table.id),
    // Retention deletes the oldest.
    index("activity_log_at").on(table.at),
  ],
);
