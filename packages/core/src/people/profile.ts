import type { UserId } from "@t2m/contract/ids";
import type { Profile } from "@t2m/contract/people";
import type { Permission, Role } from "@t2m/contract/permissions";
import { eq, sql } from "drizzle-orm";
import { changeRecord, type Database, readRecord, type Transaction } from "../database/access.ts";
import { permissions } from "../database/schema/permissions.ts";
import { users } from "../database/schema/users.ts";
import { notFound } from "../errors.ts";
import { note } from "./activity.ts";
import { permissionsOf } from "./permissions.ts";

/** Throws `ApiError` not_found. */
export async function getProfile(userId: UserId): Promise<Profile> {
  return await readRecord((db) => profileIn(db, userId));
}

/** Throws `ApiError` not_found. */
export async function changeProfile(userId: UserId, change: { name: string }): Promise<Profile> {
  return await changeRecord(async (tx) => {
    await tx
      .update(users)
      .set({ ...change, updatedAt: sql`now()` })
      .where(eq(users.id, userId));
    await note(tx, { userId, actorId: userId, action: "profile.changed" });
    return await profileIn(tx, userId);
  });
}

/**
 * Says what somebody may do; it holds from within a minute on. `by` is who says so. Throws `ApiError` not_found.
 */
export async function changeAccess(
  userId: UserId,
  access: { role: Role; permissions: readonly Permission[] },
  by: UserId,
): Promise<Profile> {
  return await changeRecord(async (tx) => {
    const before = await profileIn(tx, userId);
    await tx.update(users).set({ role: access.role, updatedAt: sql`now()` }).where(eq(users.id, userId));
    await tx.delete(permissions).where(eq(permissions.userId, userId));
    const granted = [...new Set(access.permissions)];
    if (granted.length > 0) {
      await tx
        .insert(permissions)
        .values(granted.map((permission) => ({ userId, permission, grantedBy: by })));
    }
    const details = { from: { role: before.role, permissions: before.permissions }, to: access };
    await note(tx, { userId, actorId: by, action: "access.changed", details });
    return await profileIn(tx, userId);
  });
}

export async function profileIn(db: Database | Transaction, userId: UserId): Promise<Profile> {
  const [row] = await db.select().from(users).where(eq(users.id, userId));
  if (!row) throw notFound("person");
  const granted = await db.select().from(permissions).where(eq(permissions.userId, userId));
  return presentProfile(
    row,
    granted.map(({ permission }) => permission),
  );
}

export function presentProfile(row: typeof users.$inferSelect, granted: readonly string[]): Profile {
  return {
    id: row.id,
    ...(row.name !== null && { name: row.name }),
    ...(row.email !== null && { email: row.email }),
    role: row.role,
    permissions: permissionsOf(row.role, granted),
    createdAt: row.createdAt.toISOString(),
    ...(row.suspendedAt !== null && { suspendedAt: row.suspendedAt.toISOString() }),
    ...(row.lastSeenAt !== null && { lastSeenAt: row.lastSeenAt.toISOString() }),
  };
}
