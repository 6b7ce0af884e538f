import { type Bucket, jobPrefix } from "@t2m/contract/keys";
import type { JobKey } from "../jobs/items.ts";
import { eventPrefix, partitionOf, stepPrefix } from "../live/keys.ts";
import { deleteItem, queryItems } from "../live/table.ts";
import { addCounts, type CleanupCounts, noCounts } from "./counts.ts";
import { each, removeBelow } from "./objects.ts";

const jobBuckets = ["videos", "thumbnails", "code"] as const satisfies readonly Bucket[];

/** The kinds of steps whose orders a job may have left, each below a prefix of its own. */
const orderKinds = ["convert"] as const;

/**
 * What a job leaves behind when its item is gone: outputs in all their versions, unfinished ones, orders, steps and
 * events. Doing it again removes nothing more. A bucket that refuses does not keep the others from it; then throws
 * an `AggregateError` in the end, with `counts` saying what was done.
 */
export async function cleanUpJob(key: JobKey, counts: CleanupCounts): Promise<void> {
  const prefix = jobPrefix(key.userId, key.jobId);
  await each([
    ...jobBuckets.map((bucket) => removeBelow(bucket, prefix, counts)),
    ...orderKinds.map((kind) => removeBelow("temp", `work/${kind}/${prefix}`, counts)),
    removeItems(key, stepPrefix(key.jobId), counts),
    removeItems(key, eventPrefix(key.jobId), counts),
  ]);
}

/** The outputs alone: for a worker that finds its job gone after it has written them. */
export async function removeJobObjects({ userId, jobId }: JobKey): Promise<void> {
  const prefix = jobPrefix(userId, jobId);
  await each((["videos", "thumbnails"] as const).map((bucket) => removeBelow(bucket, prefix, noCounts())));
}

/** Expired ones are left to the table's TTL, which has them in hand already. */
async function removeItems({ userId }: JobKey, prefix: string, counts: CleanupCounts): Promise<void> {
  const pk = partitionOf(userId);
  for (;;) {
    const { items, cursor } = await queryItems({ pk, prefix, limit: 50 });
    await each(items.map(({ sk }) => deleteItem({ pk, sk })));
    addCounts(counts, { items: items.length });
    if (!cursor) return;
  }
}
