import type { UserId } from "@t2m/contract/ids";
import { accountOrderKey, type Bucket, userPrefix } from "@t2m/contract/keys";
import { accountDeletionHours } from "@t2m/contract/limits";
import type { AccountDeletion } from "@t2m/contract/people";
import { and, eq, lte, sql } from "drizzle-orm";
import { noCounts } from "../cleanup/counts.ts";
import { each, removeBelow } from "../cleanup/objects.ts";
import { changeRecord, readRecord } from "../database/access.ts";
import { sessions } from "../database/schema/sessions.ts";
import { erasures, users } from "../database/schema/users.ts";
import { revokeEverywhere } from "../identity/revocations.ts";
import { partitionOf } from "../live/keys.ts";
import { deleteItem, queryItems } from "../live/table.ts";
import { putObject } from "../storage/objects.ts";

const mediaBuckets = ["uploads", "videos", "code", "thumbnails"] as const satisfies readonly Bucket[];
/** Jobs first: without them nobody makes steps and events anew. */
const itemPrefixes = ["job#", "upload#", "step#", "event#", "idempotency#"];

/**
 * Closes an account for good. From here on it is a matter of record, and nothing new is recorded for it; its sessions
 * end everywhere, and a work order starts the rest. Said again it only puts the order again.
 */
export async function requestDeletion(userId: UserId): Promise<AccountDeletion> {
  const { erasedAt, sessionIds } = await changeRecord(async (tx) => {
    await tx.insert(erasures).values({ userId }).onConflictDoNothing();
    const [erasure] = await tx.select().from(erasures).where(eq(erasures.userId, userId));
    const ended = await tx
      .update(sessions)
      .set({ revokedAt: sql`coalesce(${sessions.revokedAt}, now())` })
      .where(eq(sessions.userId, userId))
      .returning({ id: sessions.id });
    return { erasedAt: erasure?.erasedAt ?? new Date(), sessionIds: ended.map(({ id }) => id) };
  });
  await revokeEverywhere(sessionIds);
  await orderDeletion(userId);
  const doneBy = new Date(erasedAt.getTime() + accountDeletionHours * 3_600_000);
  return { requestedAt: erasedAt.toISOString(), doneBy: doneBy.toISOString() };
}

async function orderDeletion(userId: UserId): Promise<void> {
  await putObject({
    bucket: "temp",
    key: accountOrderKey(userId),
    body: JSON.stringify({ userId }),
    contentType: "application/json",
  });
}

/**
 * Deletes all that an account had: live items (workers find theirs gone and stop), objects in all their versions, rows.
 * The rows go last, so that whatever breaks this off is done again whole. Refuses accounts that nobody asked to delete.
 */
export async function deleteAccount(userId: UserId): Promise<void> {
  const [erasure] = await readRecord((db) => db.select().from(erasures).where(eq(erasures.userId, userId)));
  if (!erasure) throw new Error(`nobody asked to delete account ${userId}`);
  await deleteItems(userId);
  await each(mediaBuckets.map((bucket) => removeBelow(bucket, userPrefix(userId), noCounts())));
  await removeBelow("temp", userPrefix(userId), noCounts());
  await changeRecord((tx) => tx.delete(users).where(eq(users.id, userId)));
}

async function deleteItems(userId: UserId): Promise<void> {
  const pk = partitionOf(userId);
  for (const prefix of itemPrefixes) {
    for (;;) {
      const { items } = await queryItems({ pk, prefix, limit: 100 });
      if (items.length === 0) break;
      await each(items.map(({ sk }) => deleteItem({ pk, sk })));
    }
  }
}

/** Orders that were lost, or whose work came to nothing, are put again. Gives how many accounts that was. */
export async function sweepDeletions(): Promise<number> {
  const open = await readRecord((db) =>
    db
      .select({ userId: erasures.userId })
      .from(erasures)
      // Who came back since has a row that is younger.
      .innerJoin(users, and(eq(users.id, erasures.userId), lte(users.createdAt, erasures.erasedAt)))
      .limit(100),
  );
  await Promise.all(open.map(({ userId }) => orderDeletion(userId)));
  return open.length;
}
