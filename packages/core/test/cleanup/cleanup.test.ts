import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type Bucket, jobPrefix, objectKey, orderKey, uploadPrefix } from "@t2m/contract/keys";
import { noCounts } from "@t2m/core/cleanup/counts";
import { cleanUpJob } from "@t2m/core/cleanup/job";
import { cleanUpRemoved } from "@t2m/core/cleanup/removed-item";
import { cleanUpUpload } from "@t2m/core/cleanup/upload";
import { marshall } from "@t2m/core/live/attributes";
import { jobItemKey } from "@t2m/core/live/keys";
import { deleteItem, getItem, queryItems } from "@t2m/core/live/table";
import { createMultipart, uploadPart } from "@t2m/core/storage/multipart";
import { listMultipartUploads } from "@t2m/core/storage/multipart-lists";
import { putObject } from "@t2m/core/storage/objects";
import { deleteAllVersions, listVersions } from "@t2m/core/storage/versions";
import { afterEach, expect, test } from "vitest";
import { claimed, givenJob, jobOf, useParts } from "../jobs/support.ts";

const parts = useParts();
afterEach(() => parts.s3.faults.clear());

const put = (bucket: Bucket, key: string) =>
  putObject({ bucket, key, body: "0123456789", contentType: "audio/mpeg" });

/** A delete marker, as somebody leaves who deletes without naming a version. */
async function hide(bucket: Bucket, key: string): Promise<void> {
  const { s3, environment } = parts.services;
  const { region, credentials } = s3;
  const client = new S3Client({ endpoint: parts.s3.url, region, credentials, forcePathStyle: true });
  const name = environment[`T2M_BUCKET_${bucket.toUpperCase()}`];
  await client.send(new DeleteObjectCommand({ Bucket: name, Key: key }));
}

async function unfinished(bucket: Bucket, key: string): Promise<void> {
  const id = await createMultipart({ bucket, key });
  await uploadPart({ bucket, key }, id, 1, Buffer.from("0123456789"), "poTHxg==");
}

async function left(bucket: Bucket, prefix: string): Promise<number> {
  const versions = (await Array.fromAsync(listVersions(bucket, prefix))).flat();
  const uploads = await Array.fromAsync(listMultipartUploads(bucket, prefix));
  return versions.length + uploads.length;
}

/** A job that has everything a job can leave behind. */
async function givenLeavings() {
  const { uploadId, ...key } = await givenJob("queued");
  await claimed(key);
  const output = objectKey({ ...key, kind: "outputs", name: "output.mp3" });
  await put("videos", output);
  await put("videos", output);
  await hide("videos", output);
  await unfinished("videos", output);
  await put("thumbnails", objectKey({ ...key, kind: "thumbnails", name: "poster.jpg" }));
  await put("code", objectKey({ ...key, kind: "code", name: "scene_001/scene.json" }));
  await put("temp", orderKey({ ...key, step: "convert", attempt: 1 }));
  return { ...key, uploadId, prefix: jobPrefix(key.userId, key.jobId) };
}

async function itemsLeft({ userId, jobId }: { userId: string; jobId: string }): Promise<number> {
  const { pk } = jobItemKey(userId, jobId);
  const [steps, events] = await Promise.all([
    queryItems({ pk, prefix: `step#${jobId}`, limit: 100 }),
    queryItems({ pk, prefix: `event#${jobId}`, limit: 100 }),
  ]);
  return steps.items.length + events.items.length;
}

test("[C6.3] with a job go all versions of its objects, unfinished uploads, orders, steps and events; others' stay", async () => {
  const job = await givenLeavings();
  const other = await givenLeavings();
  const image = marshall(await jobOf(job));
  await deleteItem(jobItemKey(job.userId, job.jobId));

  const counts = noCounts();
  await cleanUpRemoved(image, counts);
  // Two versions and a marker of the output, poster, code and order; the step and two events.
  expect(counts).toEqual({ objectVersions: 6, sizeBytes: 50, multipartUploads: 1, items: 3 });
  for (const bucket of ["videos", "thumbnails", "code"] as const) {
    expect(await left(bucket, job.prefix)).toBe(0);
    expect(await left(bucket, other.prefix)).toBeGreaterThan(0);
  }
  expect(await left("temp", `work/convert/${job.prefix}`)).toBe(0);
  expect(await itemsLeft(job)).toBe(0);
  expect(await jobOf(other)).toMatchObject({ status: "running" });
});

test("[C6.3] with an upload go its file in all versions and parts never put together; its job's outputs stay", async () => {
  const job = await givenLeavings();
  const source = objectKey({ userId: job.userId, uploadId: job.uploadId });
  await put("uploads", source);
  await put("uploads", source);
  await unfinished("uploads", source);
  const counts = noCounts();
  const image = { entity: "upload", userId: job.userId, uploadId: job.uploadId, parts: new Set([1]) };
  await cleanUpRemoved(marshall(image), counts);
  expect(counts).toEqual({ objectVersions: 2, sizeBytes: 20, multipartUploads: 1, items: 0 });
  expect(await left("uploads", uploadPrefix(job.userId, job.uploadId))).toBe(0);
  expect(await left("videos", job.prefix)).toBe(4);
});

test("cleaning up again removes nothing more and is no error", async () => {
  const job = await givenLeavings();
  await cleanUpJob(job, noCounts());
  const again = noCounts();
  await cleanUpJob(job, again);
  await cleanUpUpload(job, again);
  expect(again).toEqual(noCounts());
});

test("[C6.5] a bucket that refuses does not keep the others from being cleaned, and a second try does the rest", async () => {
  const job = await givenLeavings();
  const bucket = String(parts.services.environment.T2M_BUCKET_VIDEOS);
  parts.s3.faults.add({
    kind: "refuse",
    status: 403,
    code: "AccessDenied",
    times: 100,
    match: (target) => target.bucket === bucket,
  });
  const counts = noCounts();
  await expect(cleanUpJob(job, counts)).rejects.toThrow(AggregateError);
  expect(counts).toMatchObject({ objectVersions: 3, items: 3 });
  expect(await left("thumbnails", job.prefix)).toBe(0);

  parts.s3.faults.clear();
  await cleanUpJob(job, counts);
  expect(counts).toMatchObject({ objectVersions: 6, multipartUploads: 1, items: 3 });
});

test("an image without a proper owner removes nothing: an empty id would name everybody's objects", async () => {
  const job = await givenLeavings();
  for (const image of [
    { entity: "job", userId: job.userId, jobId: "" },
    { entity: "job", userId: "", jobId: job.jobId },
    { entity: "upload", userId: "..", uploadId: job.uploadId },
    { entity: "event", userId: job.userId, jobId: job.jobId },
  ]) {
    await expect(cleanUpRemoved(marshall(image), noCounts())).rejects.toThrow();
  }
  expect(await left("videos", job.prefix)).toBe(4);
  expect(await getItem(jobItemKey(job.userId, job.jobId))).toBeDefined();
  await deleteAllVersions("videos", job.prefix);
});
