import { index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";
import { users } from "./users.ts";

/** What somebody may do beyond what their role allows. */
export const permissions = pgTable(
  "permissions",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    permission: text("permission").notNull(),
    /** The grant outlives who gave it. */
    grantedBy: uuid("granted_by").references(() => users.id, { onDelete: "set null" }),
    grantedAt: moment("granted_at").notNull().defaultNow(),
    expiresAt: moment("expires_at"),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.permission] }),
    // Deleting a user must find the grants they gave.
    index("permissions_granter").on(table.grantedBy),
  ],
);
