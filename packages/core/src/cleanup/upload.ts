import { uploadPrefix } from "@t2m/contract/keys";
import type { CleanupCounts } from "./counts.ts";
import { removeBelow } from "./objects.ts";

/**
 * What an upload leaves behind when its item is gone: the file in all its versions, or parts that were never put
 * together. Its jobs and their outputs stay until their own end. Doing it again removes nothing more.
 */
export async function cleanUpUpload(
  { userId, uploadId }: { userId: string; uploadId: string },
  counts: CleanupCounts,
): Promise<void> {
  await removeBelow("uploads", uploadPrefix(userId, uploadId), counts);
}
