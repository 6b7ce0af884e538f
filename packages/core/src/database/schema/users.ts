import { sql } from "drizzle-orm";
import { check, index, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";
import { userRole } from "./enums.ts";

/** People. The id is a UUIDv5 of issuer and subject, so work may be recorded before its owner was first seen. */
export const users = pgTable(
  "users",
  {
    id: uuid("id").primaryKey(),
    /** Both are absent until a token of theirs is first seen. */
    issuer: text("issuer"),
    subject: text("subject"),
    email: text("email"),
    name: text("name"),
    role: userRole("role").notNull().default("user"),
    /** Their own settings and whatever an operator notes. */
    metadata: jsonb("metadata").$type<Record<string, unknown>>().notNull().default({}),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
    lastSeenAt: moment("last_seen_at"),
    /** Set while an administrator keeps them out. */
    suspendedAt: moment("suspended_at"),
  },
  (table) => [
    // One person, one row; an issuer's subjects are its own.
    uniqueIndex("users_identity").on(table.issuer, table.subject),
    // An administrator looks somebody up by address, in any case.
    index("users_email").on(sql`lower(${table.email})`),
    // The administrator's list, newest first, page by page.
    index("users_created").on(table.createdAt, table.id),
    check("users_identity_whole", sql`(${table.issuer} is null) = (${table.subject} is null)`),
    check("users_metadata_object", sql`jsonb_typeof(${table.metadata}) = 'object'`),
  ],
);

/** Accounts that were deleted: what the stream still brings of theirs from before is not recorded again. */
export const erasures = pgTable("erasures", {
  userId: uuid("user_id").primaryKey(),
  erasedAt: moment("erased_at").notNull().defaultNow(),
});
