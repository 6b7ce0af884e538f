import type { UserId } from "@t2m/contract/ids";
import { type Bucket, userPrefix } from "@t2m/contract/keys";
import { eq, inArray } from "drizzle-orm";
import { noCounts } from "../cleanup/counts.ts";
import { each, removeBelow } from "../cleanup/objects.ts";
import { changeRecord, readRecord } from "../database/access.ts";
import { fileMetadata } from "../database/schema/file-metadata.ts";
import { jobs } from "../database/schema/jobs.ts";
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
  await deleteRows(userId);
}

/** With what belongs to them; more at once would meet the limit for a statement. */
const rowsAtOnce = 1_000;

async function deleteRows(userId: UserId): Promise<void> {
  for (const table of [jobs, fileMetadata]) {
    for (let deleted = rowsAtOnce; deleted === rowsAtOnce; ) {
      const rows = await changeRecord((tx) => {
        // In an index's order: the last ones would else be looked for among everybody's.
        const some = tx
          .select({ id: table.id })
          .from(table)
          .where(eq(table.userId, userId))
          .orderBy(table === jobs ? jobs.id : fileMetadata.createdAt)
          .limit(rowsAtOnce);
        return tx.delete(table).where(inArray(table.id, some)).returning({ id: table.id });
      });
      deleted = rows.length;
    }
  }
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
