import type { UserUsage } from "@t2m/contract/admin";
import type { UserId } from "@t2m/contract/ids";
import type { Page } from "@t2m/contract/page";
import type { Activity, Profile } from "@t2m/contract/people";
import { and, desc, ilike, inArray, or, sql } from "drizzle-orm";
import { readRecord } from "../database/access.ts";
import { permissions } from "../database/schema/permissions.ts";
import { users } from "../database/schema/users.ts";
import { anywhere, pageFrom, timeCursor, timeCursorOf } from "../history/pages.ts";
import { listActivity } from "../people/activity.ts";
import { getProfile, presentProfile } from "../people/profile.ts";
import { getStatistics } from "../people/statistics.ts";

/** Everybody, newest first; `search` looks into names and addresses. */
export async function listUsers(
  filter: Page & { search?: string | undefined },
): Promise<{ items: Profile[]; cursor?: string }> {
  const before = timeCursor(filter.cursor);
  const { search, limit } = filter;
  return await readRecord(
    async (db) => {
      const rows = await db
        .select()
        .from(users)
        .where(
          and(
            before && sql`(${users.createdAt}, ${users.id}) < (${before.at.toISOString()}, ${before.id})`,
            search
              ? or(ilike(users.email, anywhere(search)), ilike(users.name, anywhere(search)))
              : undefined,
          ),
        )
        .orderBy(desc(users.createdAt), desc(users.id))
        .limit(limit + 1);
      const ids = rows.map(({ id }) => id);
      const granted =
        ids.length > 0 ? await db.select().from(permissions).where(inArray(permissions.userId, ids)) : [];
      const byUser = Map.groupBy(granted, ({ userId }) => userId);
      return pageFrom(
        rows,
        limit,
        ({ createdAt, id }) => timeCursorOf({ at: createdAt, id }),
        (row) =>
          presentProfile(
            row,
            (byUser.get(row.id) ?? []).map(({ permission }) => permission),
          ),
      );
    },
    { mayLag: true },
  );
}

/** Throws `ApiError` not_found. */
export async function getUser(userId: UserId): Promise<UserUsage> {
  const profile = await getProfile(userId);
  return { profile, statistics: await getStatistics(userId) };
}

/** Throws `ApiError` not_found. */
export async function listUserActivity(
  userId: UserId,
  page: Page,
): Promise<{ items: Activity[]; cursor?: string }> {
  await getProfile(userId);
  return await listActivity(userId, page);
}
