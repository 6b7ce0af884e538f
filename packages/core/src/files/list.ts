import type { StoredFile } from "@t2m/contract/files";
import type { FileId, UserId } from "@t2m/contract/ids";
import type { FileFilter } from "@t2m/contract/routes/files";
import { and, desc, eq, gte, ilike, isNull, lt, sql } from "drizzle-orm";
import { type Database, readRecord, type Transaction } from "../database/access.ts";
import { type FileType, fileMetadata, fileTypes } from "../database/schema/file-metadata.ts";
import { notFound } from "../errors.ts";
import { anywhere, pageFrom, timeCursor, timeCursorOf } from "../history/pages.ts";

export type FileRow = typeof fileMetadata.$inferSelect;

/** A page of somebody's files, newest first. Throws `ApiError` "request.invalid" for a cursor that is none. */
export async function listFiles(
  userId: UserId,
  filter: FileFilter,
): Promise<{ items: StoredFile[]; cursor?: string }> {
  const { kind, jobId, search, from, to, limit } = filter;
  const before = timeCursor(filter.cursor);
  if (kind !== undefined && !isFileType(kind)) return { items: [] };
  const rows = await readRecord((db) =>
    db
      .select()
      .from(fileMetadata)
      .where(
        and(
          eq(fileMetadata.userId, userId),
          isNull(fileMetadata.removedAt),
          kind && eq(fileMetadata.fileType, kind),
          jobId ? eq(fileMetadata.jobId, jobId) : undefined,
          search ? ilike(fileMetadata.originalFilename, anywhere(search)) : undefined,
          from ? gte(fileMetadata.createdAt, new Date(from)) : undefined,
          to ? lt(fileMetadata.createdAt, new Date(to)) : undefined,
          before &&
            sql`(${fileMetadata.createdAt}, ${fileMetadata.id}) < (${before.at.toISOString()}, ${before.id})`,
        ),
      )
      .orderBy(desc(fileMetadata.createdAt), desc(fileMetadata.id))
      .limit(limit + 1),
  );
  return pageFrom(rows, limit, ({ createdAt, id }) => timeCursorOf({ at: createdAt, id }), presentFile);
}

/** Throws `ApiError` not_found. */
export async function getFile(userId: UserId, fileId: FileId): Promise<StoredFile> {
  return presentFile(await readRecord((db) => needFile(db, userId, fileId)));
}

/** A file that is there, of its owner. Throws `ApiError` not_found. */
export async function needFile(db: Database | Transaction, userId: UserId, fileId: FileId): Promise<FileRow> {
  const [row] = await db
    .select()
    .from(fileMetadata)
    .where(and(eq(fileMetadata.id, fileId), eq(fileMetadata.userId, userId), isNull(fileMetadata.removedAt)));
  if (!row) throw notFound("file");
  return row;
}

function isFileType(kind: string): kind is FileType {
  return fileTypes.some((type) => type === kind);
}

function presentFile(row: FileRow): StoredFile {
  const { durationSeconds, audioCodec, videoCodec, widthPixels, heightPixels, checksumCrc32 } = row;
  const facts = { durationSeconds, audioCodec, videoCodec, widthPixels, heightPixels, checksumCrc32 };
  const known = Object.entries(facts).filter(([, value]) => value !== null);
  return {
    id: row.id,
    ...(row.jobId !== null ? { jobId: row.jobId } : { uploadId: row.id }),
    kind: row.fileType,
    name: row.originalFilename,
    contentType: row.contentType,
    sizeBytes: row.fileSize,
    facts: { ...row.metadata, ...Object.fromEntries(known) },
    createdAt: row.createdAt.toISOString(),
  };
}
