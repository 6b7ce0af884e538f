import { and, eq, isNull, lt, or } from "drizzle-orm";
import type { Transaction } from "../database/access.ts";
import { fileMetadata } from "../database/schema/file-metadata.ts";
import type { UploadItem } from "../uploads/item.ts";
import { holdOwner } from "./owner.ts";
import type { Removed } from "./removed.ts";
import { sourceRow } from "./rows.ts";
import { addUsage } from "./usage.ts";

/**
 * Records a completed upload's file; `removed`: the item is gone, and this is how it last was. Its time only ever
 * grows, and what is gone stays gone, so the order in which this is heard does not matter. Gives whether anything
 * changed.
 */
export async function recordUpload(tx: Transaction, item: UploadItem, removed?: Removed): Promise<boolean> {
  const row = sourceRow(item);
  const isNew = await isFirstSeen(tx, item, row);
  const isLater = !isNew && (await keepLonger(tx, row));
  const isRemoval = removed !== undefined && (await removeFile(tx, row.id, removed));
  return isNew || isLater || isRemoval;
}

type FileRow = ReturnType<typeof sourceRow>;

async function isFirstSeen(tx: Transaction, item: UploadItem, row: FileRow): Promise<boolean> {
  const [known] = await tx
    .select({ id: fileMetadata.id })
    .from(fileMetadata)
    .where(eq(fileMetadata.id, row.id));
  if (known || !(await holdOwner(tx, item.userId, new Date(item.createdAt)))) return false;
  const inserted = await tx
    .insert(fileMetadata)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: fileMetadata.id });
  if (inserted.length === 0) return false;
  await addUsage(tx, item.userId, row.createdAt, { uploads: 1, uploadedBytes: item.sizeBytes });
  return true;
}

async function keepLonger(tx: Transaction, { id, expiresAt }: FileRow): Promise<boolean> {
  if (!expiresAt) return false;
  const kept = await tx
    .update(fileMetadata)
    .set({ expiresAt })
    .where(
      and(eq(fileMetadata.id, id), or(isNull(fileMetadata.expiresAt), lt(fileMetadata.expiresAt, expiresAt))),
    )
    .returning({ id: fileMetadata.id });
  return kept.length > 0;
}

async function removeFile(tx: Transaction, id: string, removed: Removed): Promise<boolean> {
  const gone = await tx
    .update(fileMetadata)
    .set(removed)
    .where(and(eq(fileMetadata.id, id), isNull(fileMetadata.removedAt)))
    .returning({ id: fileMetadata.id });
  return gone.length > 0;
}
