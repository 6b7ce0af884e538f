import type { FileVersion, SignedFile } from "@t2m/contract/files";
import type { FileId, UserId } from "@t2m/contract/ids";
import { changeRecord, readRecord } from "../database/access.ts";
import { ApiError, notFound } from "../errors.ts";
import { note } from "../people/activity.ts";
import { copyVersion, maximumCopyBytes } from "../storage/copy.ts";
import { listVersions, type ObjectVersion } from "../storage/versions.ts";
import { type FileRow, needFile } from "./list.ts";
import { refOf, signRow } from "./sign.ts";

/** A URL of a file, or of one of its versions. Throws `ApiError` not_found. */
export async function signFile(
  userId: UserId,
  fileId: FileId,
  { use, versionId }: { use: "download" | "play"; versionId?: string | undefined },
): Promise<SignedFile> {
  const file = await readRecord((db) => needFile(db, userId, fileId));
  if (versionId !== undefined) await needVersion(file, versionId);
  return signRow(file, { use, ...(versionId !== undefined && { versionId }) });
}

/** The versions that S3 holds of a file, newest first. Throws `ApiError` not_found. */
export async function listFileVersions(userId: UserId, fileId: FileId): Promise<FileVersion[]> {
  const file = await readRecord((db) => needFile(db, userId, fileId));
  return (await versionsOf(file)).map(presentVersion);
}

/**
 * Makes an earlier version the newest again; those in between stay. One that is the newest already is left alone.
 * Throws `ApiError`: not_found, request.invalid where it is larger than S3 copies at once.
 */
export async function restoreVersion(
  userId: UserId,
  fileId: FileId,
  versionId: string,
): Promise<FileVersion[]> {
  const file = await readRecord((db) => needFile(db, userId, fileId));
  const version = await needVersion(file, versionId);
  if (!version.isLatest) {
    if (version.sizeBytes > maximumCopyBytes) {
      throw new ApiError(
        "request.invalid",
        "Versions of more than 5 GB cannot be restored, only downloaded.",
      );
    }
    try {
      await copyVersion(refOf(file), versionId);
    } catch (error) {
      // It may have gone since we looked, which S3 says by 404, by 403, or within a 200: the list knows.
      await needVersion(file, versionId);
      throw error;
    }
    const subject = { type: "file", id: fileId };
    const details = { versionId };
    await changeRecord((tx) =>
      note(tx, { userId, actorId: userId, action: "file.restored", subject, details }),
    );
  }
  return (await versionsOf(file)).map(presentVersion);
}

async function needVersion(file: FileRow, versionId: string): Promise<ObjectVersion> {
  const version = (await versionsOf(file)).find((one) => one.versionId === versionId);
  if (!version) throw notFound("version");
  return version;
}

/** Of this very key: others may begin like it. */
async function versionsOf(file: FileRow): Promise<ObjectVersion[]> {
  const { bucket, key } = refOf(file);
  const pages = await Array.fromAsync(listVersions(bucket, key));
  return pages.flat().filter((version) => version.key === key && !version.isDeleteMarker);
}

function presentVersion({ versionId, isLatest, sizeBytes, lastModified }: ObjectVersion): FileVersion {
  return { versionId, isLatest, sizeBytes, createdAt: new Date(lastModified).toISOString() };
}
