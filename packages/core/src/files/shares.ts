import { hash, randomBytes } from "node:crypto";
import type { CreatedShare, Share, SharedFile } from "@t2m/contract/files";
import type { FileId, UserId } from "@t2m/contract/ids";
import { and, desc, eq, getTableColumns, gt, isNull, sql } from "drizzle-orm";
import { v7 } from "uuid";
import { changeRecord, readRecord } from "../database/access.ts";
import { fileMetadata, shareLinks } from "../database/schema/file-metadata.ts";
import { users } from "../database/schema/users.ts";
import { notFound } from "../errors.ts";
import { note } from "../people/activity.ts";
import { needFile } from "./list.ts";
import { signRow } from "./sign.ts";

type ShareRow = typeof shareLinks.$inferSelect;

/** Makes a link for anybody who has it. Its secret is told this once. Throws `ApiError` not_found. */
export async function shareFile(
  userId: UserId,
  fileId: FileId,
  { expiresInSeconds }: { expiresInSeconds: number },
): Promise<CreatedShare> {
  const token = randomBytes(32).toString("base64url");
  return await changeRecord(async (tx) => {
    await needFile(tx, userId, fileId);
    const [row] = await tx
      .insert(shareLinks)
      .values({
        id: v7(),
        fileId,
        userId,
        secretHash: hashOf(token),
        expiresAt: new Date(Date.now() + expiresInSeconds * 1000),
      })
      .returning();
    if (!row) throw new Error("an insert gave no row");
    const subject = { type: "file", id: fileId };
    await note(tx, { userId, actorId: userId, action: "file.shared", subject, details: { shareId: row.id } });
    return { share: presentShare(row), token };
  });
}

/** The links made for a file, newest first; the last hundred. Throws `ApiError` not_found. */
export async function listShares(userId: UserId, fileId: FileId): Promise<Share[]> {
  return await readRecord(async (db) => {
    await needFile(db, userId, fileId);
    const rows = await db
      .select()
      .from(shareLinks)
      .where(eq(shareLinks.fileId, fileId))
      .orderBy(desc(shareLinks.id))
      .limit(100);
    return rows.map(presentShare);
  });
}

/** Ends a link now. URLs it gave out before live for minutes more. Throws `ApiError` not_found. */
export async function revokeShare(userId: UserId, fileId: FileId, shareId: string): Promise<void> {
  await changeRecord(async (tx) => {
    const mine = and(
      eq(shareLinks.id, shareId),
      eq(shareLinks.fileId, fileId),
      eq(shareLinks.userId, userId),
    );
    const [row] = await tx
      .update(shareLinks)
      .set({ revokedAt: sql`coalesce(${shareLinks.revokedAt}, now())` })
      .where(mine)
      .returning();
    if (!row) throw notFound("link");
    const subject = { type: "share", id: shareId };
    await note(tx, { userId, actorId: userId, action: "share.revoked", subject });
  });
}

/**
 * What a link stands for. Unknown, ended, expired, of a file that is gone or of somebody who is suspended: all are
 * not_found, word for word.
 */
export async function openShare(token: string): Promise<SharedFile> {
  const file = await changeRecord(async (tx) => {
    const [link] = await tx
      .update(shareLinks)
      .set({ useCount: sql`${shareLinks.useCount} + 1`, lastUsedAt: sql`now()` })
      .where(
        and(
          eq(shareLinks.secretHash, hashOf(token)),
          isNull(shareLinks.revokedAt),
          gt(shareLinks.expiresAt, sql`now()`),
        ),
      )
      .returning();
    if (!link) throw notFound("file");
    const [row] = await tx
      .select(getTableColumns(fileMetadata))
      .from(fileMetadata)
      .innerJoin(users, eq(users.id, fileMetadata.userId))
      .where(
        and(eq(fileMetadata.id, link.fileId), isNull(fileMetadata.removedAt), isNull(users.suspendedAt)),
      );
    if (!row) throw notFound("file");
    return row;
  });
  const signed = await signRow(file, { use: "download" });
  const { originalFilename: name, contentType, fileSize: sizeBytes } = file;
  return { name, contentType, sizeBytes, ...signed };
}

function hashOf(token: string): string {
  return hash("sha256", token, "hex");
}

function presentShare(row: ShareRow): Share {
  return {
    id: row.id,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    ...(row.revokedAt !== null && { revokedAt: row.revokedAt.toISOString() }),
    openedCount: row.useCount,
  };
}
