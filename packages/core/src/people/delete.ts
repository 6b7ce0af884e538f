import type { UserId } from "@t2m/contract/ids";
import { type Bucket, userPrefix } from "@t2m/contract/keys";
import { eq } from "drizzle-orm";
import { noCounts } from "../cleanup/counts.ts";
import { each, removeBelow } from "../cleanup/objects.ts";
import { changeRecord, readRecord } from "../database/access.ts";
import { erasures, users } from "../database/schema/users.ts";
import { partitionOf } from "../live/keys.ts";
import { deleteItem, queryItems } from "../live/table.ts";

const mediaBuckets = ["uploads", "videos", "code", "thumbnails"] as const satisfies readonly Bucket[];
/** Jobs first: without them nobody makes steps and events anew. */
const itemPrefixes = ["job#", "upload#", "step#", "event#", "idempotency#"];

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
