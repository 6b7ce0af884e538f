import * as z from "zod/mini";
import type { Database } from "./database.ts";
import { noSuchUpload } from "./errors.ts";
import type { Change, Store } from "./store.ts";

export const Upload = z.object({
  id: z.string(),
  bucket: z.string(),
  key: z.string(),
  createdAt: z.number(),
  headers: z.string(),
  tags: z.string(),
  checksumAlgorithm: z.enum(["", "CRC32", "SHA1", "SHA256"]),
  checksumType: z.enum(["", "COMPOSITE", "FULL_OBJECT"]),
});
export type Upload = z.infer<typeof Upload>;

export const Part = z.object({
  number: z.number(),
  blob: z.string(),
  sizeBytes: z.number(),
  md5: z.string(),
  crc32: z.number(),
  /** In the upload's algorithm; empty where it has none. */
  checksum: z.string(),
  modifiedAt: z.number(),
});
export type Part = z.infer<typeof Part>;

/** @throws NoSuchUpload, also when the id belongs to another key */
export function needUpload(database: Database, bucket: string, key: string, id: string): Upload {
  const upload = database.get(
    Upload,
    "select * from upload where id = ? and bucket = ? and key = ?",
    id,
    bucket,
    key,
  );
  if (!upload) throw noSuchUpload(id);
  return upload;
}

/** Parts after number `after`, in order. */
export const partsOf = (database: Database, uploadId: string, after = 0, limit = 10_000): Part[] =>
  database.all(
    Part,
    "select * from part where upload = ? and number > ? order by number limit ?",
    uploadId,
    after,
    limit,
  );

/** Stores a part, in place of the one with that number. In a transaction. */
export function putPart({ database }: Store, change: Change, uploadId: string, part: Part): void {
  const before = database.get(
    Part,
    "select * from part where upload = ? and number = ?",
    uploadId,
    part.number,
  );
  if (before) change.freedBlobs.push(before.blob);
  database.run(
    `insert or replace into part(upload, number, blob, sizeBytes, md5, crc32, checksum, modifiedAt)
       values(?, ?, ?, ?, ?, ?, ?, ?)`,
    uploadId,
    part.number,
    part.blob,
    part.sizeBytes,
    part.md5,
    part.crc32,
    part.checksum,
    part.modifiedAt,
  );
}

/** Forgets an upload and frees its parts, but for those that an object has taken over. In a transaction. */
export function removeUpload(
  { database }: Store,
  change: Change,
  uploadId: string,
  kept: ReadonlySet<string> = new Set(),
): void {
  const blobs = partsOf(database, uploadId).map((part) => part.blob);
  change.freedBlobs.push(...blobs.filter((blob) => !kept.has(blob)));
  database.run("delete from part where upload = ?", uploadId);
  database.run("delete from upload where id = ?", uploadId);
}
