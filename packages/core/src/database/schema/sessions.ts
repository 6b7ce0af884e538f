import { sql } from "drizzle-orm";
import { check, index, inet, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";
import { users } from "./users.ts";

/** Sign-ins. The id is a UUIDv5 of the issuer's own session (or token) id. */
export const sessions = pgTable(
  "sessions",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    userAgent: text("user_agent"),
    ipAddress: inet("ip_address"),
    createdAt: moment("created_at").notNull().defaultNow(),
    lastSeenAt: moment("last_seen_at").notNull().defaultNow(),
    expiresAt: moment("expires_at").notNull(),
    revokedAt: moment("revoked_at"),
  },
  (table) => [
    // Somebody's sessions, newest first.
    index("sessions_owner").on(table.userId, table.createdAt),
    // Retention deletes those that ended long ago.
    index("sessions_end").on(table.expiresAt),
    check("sessions_order", sql`${table.expiresAt} > ${table.createdAt}`),
  ],
);
