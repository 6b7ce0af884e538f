import { type Bucket, jobPrefix, parseKey, uploadPrefix } from "@t2m/contract/keys";
import * as z from "zod/mini";
import { jobItemKey, uploadItemKey } from "../live/keys.ts";
import { getItem, putItem } from "../live/table.ts";
import { abortMultipart, type OpenMultipart } from "../storage/multipart.ts";
import { listMultipartUploads } from "../storage/multipart-lists.ts";
import { listVersions, type ObjectVersion } from "../storage/versions.ts";
import { addCounts, type CleanupCounts, noCounts } from "./counts.ts";
import { removeBelow } from "./objects.ts";

const swept = ["uploads", "videos", "thumbnails", "code"] as const satisfies readonly Bucket[];
const daySeconds = 24 * 3600;

export type OrphanCounts = CleanupCounts & {
  /** Owners looked up, living ones among them. */
  owners: number;
  /** Every bucket was gone through; the next round begins a day after this one did. */
  isComplete: boolean;
  errors: { key: string; message: string }[];
};

type Bounds = {
  /** Epoch milliseconds; no new page is begun afterwards. */
  until: number;
  /** Objects a page; S3's most where absent. */
  pageSize?: number | undefined;
};

const cursorKey = { pk: "sweep", sk: "orphans" };
/** How far the round is: buckets before `bucket`, and keys up to `afterKey` in it, are done. */
const Cursor = z.object({
  bucket: z.enum([...swept, "none"]),
  afterKey: z.optional(z.string()),
  /** Epoch seconds. */
  startedAt: z.number(),
});
type Cursor = z.infer<typeof Cursor>;

/**
 * Goes once a day through all objects, in as many runs as it takes, and removes what nobody owns: multipart uploads
 * begun over a day ago that no living upload knows, and objects over a day old whose upload or job is gone. What
 * the stream's cleanup missed, for whatever reason, ends here.
 */
export async function sweepOrphans({ until, pageSize }: Bounds): Promise<OrphanCounts> {
  const counts: OrphanCounts = { ...noCounts(), owners: 0, isComplete: false, errors: [] };
  const nowSeconds = Math.floor(Date.now() / 1000);
  let cursor = await readCursor();
  if (cursor?.bucket === "none" && cursor.startedAt + daySeconds > nowSeconds) {
    return { ...counts, isComplete: true };
  }
  if (!cursor || cursor.bucket === "none") cursor = { bucket: swept[0], startedAt: nowSeconds };
  while (cursor.bucket !== "none") {
    const { bucket }: Cursor = cursor;
    if (!(await sweepBucket(bucket, cursor, { until, pageSize }, counts))) return counts;
    cursor = { bucket: swept[swept.indexOf(bucket) + 1] ?? "none", startedAt: cursor.startedAt };
    await saveCursor(cursor);
  }
  return { ...counts, isComplete: true };
}

/** Gives whether it came to the bucket's end. */
async function sweepBucket(
  bucket: Bucket,
  cursor: Cursor,
  { until, pageSize }: Bounds,
  counts: OrphanCounts,
): Promise<boolean> {
  if (cursor.afterKey === undefined) await abortForgotten(bucket, until, counts);
  const known = new Map<string, boolean>();
  for await (const page of listVersions(bucket, "users/", cursor.afterKey, pageSize)) {
    if (Date.now() >= until) return false;
    await removeOrphans(bucket, page, known, counts);
    // Versions and delete markers come one list after the other.
    const afterKey = page
      .map(({ key }) => key)
      .sort()
      .at(-1);
    if (afterKey) await saveCursor({ ...cursor, afterKey });
  }
  return true;
}

async function removeOrphans(
  bucket: Bucket,
  page: readonly ObjectVersion[],
  known: Map<string, boolean>,
  counts: OrphanCounts,
): Promise<void> {
  const old = page.filter(({ lastModified }) => isOld(lastModified));
  for (const prefix of new Set(old.map(({ key }) => ownerPrefix(key)))) {
    if (!prefix || known.has(prefix)) continue;
    try {
      const living = await isOwned(prefix);
      known.set(prefix, living);
      counts.owners++;
      if (!living) await removeBelow(bucket, prefix, counts);
    } catch (error) {
      counts.errors.push({ key: prefix, message: String(error) });
    }
  }
}

/** A converter lives a quarter of an hour at most, so what it began a day ago nobody will complete. */
async function abortForgotten(bucket: Bucket, until: number, counts: OrphanCounts): Promise<void> {
  for await (const upload of listMultipartUploads(bucket, "users/")) {
    if (Date.now() >= until) return;
    if (!isOld(upload.startedAt)) continue;
    try {
      if (bucket === "uploads" && (await isOpenUpload(upload))) continue;
      await abortMultipart(upload, upload.uploadId);
      addCounts(counts, { multipartUploads: 1 });
    } catch (error) {
      counts.errors.push({ key: upload.key, message: String(error) });
    }
  }
}

/** A repeated request may have begun a second one for the same file, which no item knows. */
async function isOpenUpload({ key, uploadId }: OpenMultipart): Promise<boolean> {
  const owner = parseKey(key);
  if (owner?.type !== "upload") return false;
  const item = await getItem(uploadItemKey(owner.userId, owner.uploadId));
  return item?.multipartId === uploadId;
}

async function isOwned(prefix: string): Promise<boolean> {
  const owner = parseKey(prefix);
  if (owner?.type === "upload")
    return (await getItem(uploadItemKey(owner.userId, owner.uploadId))) !== undefined;
  if (owner?.type === "job") return (await getItem(jobItemKey(owner.userId, owner.jobId))) !== undefined;
  return true;
}

/** Undefined for keys that are none of ours: those are left alone. */
function ownerPrefix(key: string): string | undefined {
  const owner = parseKey(key);
  if (owner?.type === "upload") return uploadPrefix(owner.userId, owner.uploadId);
  return owner?.type === "job" ? jobPrefix(owner.userId, owner.jobId) : undefined;
}

function isOld(moment: string): boolean {
  return Date.now() - Date.parse(moment) > daySeconds * 1000;
}

async function readCursor(): Promise<Cursor | undefined> {
  const item = await getItem(cursorKey);
  return item && Cursor.parse(item);
}

async function saveCursor(cursor: Cursor): Promise<void> {
  const expiresAt = Math.floor(Date.now() / 1000) + 30 * daySeconds;
  await putItem({ ...cursorKey, entity: "cursor", expiresAt, ...cursor });
}
