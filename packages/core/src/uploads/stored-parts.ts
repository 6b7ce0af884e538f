import type { StoredParts } from "@t2m/contract/uploads";
import { NotFound } from "../storage/multipart.ts";
import { listParts } from "../storage/multipart-lists.ts";
import { compareParts, correctParts, sourceOf } from "./held-parts.ts";
import { needUpload, type UploadKey } from "./item.ts";
import { notOpen } from "./refused.ts";

/**
 * The parts that S3 holds and those to send (again), to resume by; also sets the upload's own record right.
 * Throws `ApiError`: not_found, upload.not_open.
 */
export async function listStoredParts(key: UploadKey): Promise<StoredParts> {
  const item = await needUpload(key);
  if (item.status !== "open") throw notOpen();
  const held = await listParts(sourceOf(key), item.multipartId).catch((error: unknown) => {
    throw error instanceof NotFound ? notOpen() : error;
  });
  const { good, problems } = compareParts(item, held);
  await correctParts(item, good);
  const missing = problems.map(({ partNumber }) => partNumber).filter((number) => number <= item.partCount);
  return { parts: good, missing };
}
