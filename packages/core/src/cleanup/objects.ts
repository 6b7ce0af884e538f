import type { Bucket } from "@t2m/contract/keys";
import { abortMultipart } from "../storage/multipart.ts";
import { listMultipartUploads } from "../storage/multipart-lists.ts";
import { deleteAllVersions } from "../storage/versions.ts";
import { addCounts, type CleanupCounts } from "./counts.ts";

/**
 * Everything below `prefix` in a bucket: all versions of all objects, and what was never completed. Unfinished
 * uploads first, so that none of them turns into an object behind our back. Adds to `counts` as it goes.
 */
export async function removeBelow(bucket: Bucket, prefix: string, counts: CleanupCounts): Promise<void> {
  for await (const { key, uploadId } of listMultipartUploads(bucket, prefix)) {
    await abortMultipart({ bucket, key }, uploadId);
    addCounts(counts, { multipartUploads: 1 });
  }
  const { versions, sizeBytes } = await deleteAllVersions(bucket, prefix);
  addCounts(counts, { objectVersions: versions, sizeBytes });
}

/** Does all of it, whatever fails on the way; then throws an `AggregateError` of the failures, if any. */
export async function each(work: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(work);
  const failures = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("; "));
}
