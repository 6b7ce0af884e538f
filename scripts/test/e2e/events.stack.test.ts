import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { base64OfCrc32 } from "@t2m/client/upload/crc32";
import { objectKey, orderKey } from "@t2m/contract/keys";
import { headObject } from "@t2m/core/storage/objects";
import { until } from "@t2m/local/processes/wait";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { makeMedia, newFolder, noise } from "../support/media.ts";
import { type OwnStack, startOwnStack } from "../support/own-stack.ts";
import { arrive, type Person } from "../support/person.ts";
import { ffmpegsIn } from "../support/processes.ts";
import { itemsOf, objectsOf, temporaryFilesOf } from "../support/stored.ts";
import { uploaded } from "../support/uploading.ts";

let folder: string;
let stack: OwnStack;
let short: string;
let long: string;
beforeAll(async () => {
  folder = await newFolder();
  short = await makeMedia(join(folder, "short.wav"), ...noise(3));
  long = await makeMedia(join(folder, "long.wav"), ...noise(2400));
  stack = await startOwnStack();
});
afterEach(() => stack.s3.faults.clear());
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

/** S3's event for an object, as the converter gets it. */
async function deliver(bucket: "uploads" | "temp", key: string, sizeBytes = 1): Promise<void> {
  const object = { key: encodeURIComponent(key).replaceAll("%2F", "/"), size: sizeBytes, eTag: "e" };
  const name =
    bucket === "uploads" ? stack.environment.T2M_BUCKET_UPLOADS : stack.environment.T2M_BUCKET_TEMP;
  const answer = await stack.pools
    .get("convert")
    ?.invoke({ Records: [{ s3: { bucket: { name }, object } }] });
  expect(answer?.functionError).toBeUndefined();
}

const typesOf = async ({ client }: Person, jobId: string) =>
  (await Array.fromAsync(client.streamJob({ params: { jobId } }))).flatMap((update) =>
    update.type === "event" ? [update.event.type] : [],
  );
const converted = ["job.created", "job.queued", "step.started", "step.completed", "job.completed"];

/** Everything that there is of a job, as its owner sees it and as it is stored. */
const stateOf = async (person: Person, jobId: string) => ({
  job: await person.client.getJob({ params: { jobId } }),
  objects: await objectsOf(person.userId),
  items: await itemsOf(stack.dynamodb, person.userId),
});

/** A job that has been at work for a moment. */
async function working(person: Person) {
  const begun = await uploaded(person, long);
  await until("ffmpeg works", 20_000, async () => {
    const { percent } = await person.client.getJob({ params: { jobId: begun.jobId } });
    return percent > 0 && ffmpegsIn(stack.directory).length > 0;
  });
  expect(temporaryFilesOf(stack.directory)).not.toEqual([]);
  return begun;
}

test("S3's event and the work orders, delivered again after the job's end, change nothing", async () => {
  const person = await arrive(stack);
  const { userId } = person;
  const { uploadId, jobId, jobIds } = await uploaded(person, short, [{ preset: "mp3" }, { preset: "flac" }]);
  for (const id of jobIds) expect(await person.ended(id)).toMatchObject({ status: "completed" });
  const before = await stateOf(person, jobId);
  const { length } = await readFile(short);
  await deliver("uploads", objectKey({ userId, uploadId }), length);
  for (const attempt of [1, 2, 3]) {
    await deliver("temp", orderKey({ userId, jobId, step: "convert", attempt }));
  }
  expect(await stateOf(person, jobId)).toEqual(before);
  for (const id of jobIds) expect(await typesOf(person, id)).toEqual(converted);
});

test("S3's event delivered again while its job is converted starts nothing a second time", async () => {
  const person = await arrive(stack);
  const { userId } = person;
  const { uploadId, jobId } = await working(person);
  const ffmpegs = ffmpegsIn(stack.directory).map(({ pid }) => pid);
  await Promise.all([
    deliver("uploads", objectKey({ userId, uploadId }), (await readFile(long)).length),
    deliver("temp", orderKey({ userId, jobId, step: "convert", attempt: 1 })),
  ]);
  expect(ffmpegsIn(stack.directory).filter(({ pid }) => !ffmpegs.includes(pid))).toEqual([]);
  expect(await person.ended(jobId)).toMatchObject({ status: "completed" });
  expect(await typesOf(person, jobId)).toEqual(converted);
  expect(await objectsOf(userId, ["videos"])).toHaveLength(1);
});

test("S3's event that overtakes the answer to the completing request starts the job, and the request still succeeds", async () => {
  const person = await arrive(stack);
  // S3 puts the parts together, but who asked for it is not told.
  stack.s3.faults.add({
    kind: "mute",
    match: ({ method, bucket, query }) =>
      method === "POST" && bucket.includes("uploads") && query.has("uploadId"),
  });
  const { uploadId, jobId } = await uploaded(person, short);
  expect(stack.s3.faults.left).toBe(0);
  expect(await person.client.getUpload({ params: { uploadId } })).toMatchObject({ status: "completed" });
  expect(await person.ended(jobId)).toMatchObject({ status: "completed" });
  expect(await typesOf(person, jobId)).toEqual(converted);
});

test("an event of an upload that was deleted meanwhile, or never was, does nothing and is no failure", async () => {
  const person = await arrive(stack);
  const { userId } = person;
  const { uploadId } = await uploaded(person, short, []);
  const { length } = await readFile(short);
  await person.client.abortUpload({ params: { uploadId } });
  await deliver("uploads", objectKey({ userId, uploadId }), length);
  await deliver("uploads", objectKey({ userId, uploadId: "0199a5b2-6c1f-7e21-8a3d-2f7c9b0e4d15" }));
  await deliver("uploads", "users/../somebody/uploads/else/source");
  await deliver("temp", "work/convert/users/x/jobs/y/convert/1.json");
  await until("the file goes", 10_000, async () => (await objectsOf(userId)).length === 0);
  expect((await person.client.listJobs()).items).toEqual([]);
});

test("parts said, sent and completed twice and at once make one upload and one job", async () => {
  const person = await arrive(stack);
  const bytes = await readFile(short);
  const body = {
    name: "short.wav",
    type: "audio/wav",
    sizeBytes: bytes.length,
    conversions: [{ preset: "mp3" as const, options: {} }],
  };
  const { upload, jobs } = await person.client.createUpload({ body });
  const params = { uploadId: upload.id };
  const { parts } = await person.client.signParts({
    params,
    body: { parts: [{ partNumber: 1, checksumCrc32: base64OfCrc32(crc32(bytes)) }] },
  });
  const { url = "", headers = {} } = parts[0] ?? {};
  const send = async (body: Buffer<ArrayBuffer>) => {
    const answer = await fetch(url, { method: "PUT", headers, body });
    return [answer.status, /<Code>(\w+)/.exec(await answer.text())?.[1]];
  };
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(1000) ^ 1, 1000);
  expect(await send(changed)).toEqual([400, "BadDigest"]);
  stack.s3.faults.add({
    kind: "corrupt",
    match: ({ method, query }) => method === "PUT" && query.has("partNumber"),
  });
  expect(await send(Buffer.from(bytes))).toEqual([400, "BadDigest"]);
  expect((await person.client.listParts({ params })).parts).toEqual([]);

  const sent = await Promise.all([1, 2, 3].map(() => send(Buffer.from(bytes))));
  expect(sent.map(([status]) => status)).toEqual([200, 200, 200]);
  const part = { params: { ...params, partNumber: 1 } };
  const said = await Promise.all([1, 2, 3].map(() => person.client.recordPart(part)));
  expect(said.map(({ partsCompleted }) => partsCompleted)).toEqual([1, 1, 1]);
  const done = await Promise.all([1, 2, 3, 4].map(() => person.client.completeUpload({ params })));
  expect(new Set(done.map(({ completedAt }) => completedAt)).size).toBe(1);
  expect(await person.client.completeUpload({ params })).toEqual(done[0]);

  const [job] = jobs;
  expect(await person.ended(job?.id ?? "")).toMatchObject({ status: "completed" });
  expect(await typesOf(person, job?.id ?? "")).toEqual(converted);
  expect(await objectsOf(person.userId, ["uploads", "videos"])).toHaveLength(2);
  const source = {
    bucket: "uploads",
    key: objectKey({ userId: person.userId, uploadId: upload.id }),
  } as const;
  expect(await headObject(source)).toMatchObject({ sizeBytes: bytes.length });
});

test("a cancel ends ffmpeg within two seconds, and the job as cancelled; nothing of a result is left", async () => {
  const person = await arrive(stack);
  const { jobId } = await working(person);
  const asked = performance.now();
  expect(await person.client.cancelJob({ params: { jobId } })).toMatchObject({ cancelRequested: true });
  await until("ffmpeg is gone", 5_000, () => ffmpegsIn(stack.directory).length === 0);
  expect(performance.now() - asked).toBeLessThan(2_000);
  expect(await person.ended(jobId)).toMatchObject({ status: "cancelled", outputs: [] });
  await until(
    "the unfinished result goes",
    5_000,
    async () => (await objectsOf(person.userId, ["videos"])).length === 0,
  );
  expect(temporaryFilesOf(stack.directory)).toEqual([]);
});

test("a job that is deleted while it is converted stops, and nothing of it is left but its source", async () => {
  const person = await arrive(stack);
  const { jobId, uploadId } = await working(person);
  await person.client.deleteJob({ params: { jobId } });
  await until("ffmpeg is gone", 5_000, () => ffmpegsIn(stack.directory).length === 0);
  const left = async () => [
    ...(await objectsOf(person.userId)),
    // The memory of the request that began the upload ends by itself.
    ...(await itemsOf(stack.dynamodb, person.userId)).filter((key) => !key.startsWith("idempotency#")),
  ];
  await expect
    .poll(left, { timeout: 10_000 })
    .toEqual([`uploads/users/${person.userId}/uploads/${uploadId}/source`, `upload#${uploadId}`]);
  await until("the disk is empty", 2_000, () => temporaryFilesOf(stack.directory).length === 0);
  expect(stack.failures.list()).toEqual([]);
});
