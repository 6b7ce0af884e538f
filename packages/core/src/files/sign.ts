import type { SignedFile } from "@t2m/contract/files";
import { notFound } from "../errors.ts";
import type { ObjectRef } from "../storage/address.ts";
import { headObject } from "../storage/objects.ts";
import { signDownload } from "../storage/presign.ts";
import type { FileRow } from "./list.ts";

/** A URL of a file that its asker has a right to, or of a version that is known to be there. Throws `ApiError` not_found where the object is gone. */
export async function signRow(
  file: FileRow,
  { use, versionId }: { use: "download" | "play"; versionId?: string },
): Promise<SignedFile> {
  if (versionId === undefined && !(await headObject(refOf(file)))) throw notFound("file");
  const { originalFilename: fileName, contentType } = file;
  const version = versionId === undefined ? {} : { versionId };
  const { url, expiresAt } = signDownload(refOf(file), { fileName, contentType, use, ...version });
  return { url, expiresAt: expiresAt.toISOString() };
}

export function refOf({ s3Bucket, s3Key }: FileRow): ObjectRef {
  return { bucket: s3Bucket, key: s3Key };
}
