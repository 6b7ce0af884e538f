import { rm } from "node:fs/promises";
import { join } from "node:path";
import { objectKey, orderKey } from "@t2m/contract/keys";
import { jobItemKey, uploadItemKey } from "@t2m/core/live/keys";
import { updateItem } from "@t2m/core/live/table";
import { createMultipart } from "@t2m/core/storage/multipart";
import { putObject } from "@t2m/core/storage/objects";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import * as z from "zod/mini";
import { makeMedia, newFolder, noise } from "../support/media.ts";
import { type OwnStack, startOwnStack } from "../support/own-stack.ts";
import { arrive, type Person } from "../support/person.ts";
import { itemsOf, objectsOf } from "../support/stored.ts";
import { uploaded } from "../support/uploading.ts";

let folder: string;
let stack: OwnStack;
let source: string;
beforeAll(async () => {
  folder = await newFolder();
  source = await makeMedia(join(folder, "song.wav"), ...noise(2));
  stack = await startOwnStack();
});
afterEach(() => stack.s3.faults.clear());
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

const mp3 = { preset: "mp3" } as const;
const nowSeconds = () => Math.floor(Date.now() / 1000);
const minutes = (count: number) => 60 * count;

/** Somebody with a converted file, an upload that was never finished and, in its second version, a result. */
async function belongings() {
  const person = await arrive(stack);
  const { userId, client } = person;
  const { uploadId, jobId } = await uploaded(person, source);
  await person.ended(jobId);
  const body = { name: "b.wav", type: "audio/wav", sizeBytes: 20_000_000, conversions: [] };
  const { upload: open } = await client.createUpload({ body });
  const result = {
    bucket: "videos",
    key: objectKey({ userId, jobId, kind: "outputs", name: "output.mp3" }),
  } as const;
  await putObject({ ...result, body: "a second version", contentType: "audio/mpeg" });
  await createMultipart(result, {});
  expect((await objectsOf(userId)).toSorted()).toEqual(
    [
      `uploads/users/${userId}/uploads/${uploadId}/source`,
      `unfinished uploads/users/${userId}/uploads/${open.id}/source`,
      `videos/${result.key}`,
      `videos/${result.key}`,
      `unfinished videos/${result.key}`,
    ].toSorted(),
  );
  return { person, uploadId, openId: open.id, jobId };
}
type Belongings = Awaited<ReturnType<typeof belongings>>;

/** Everything of theirs ended so many seconds ago. */
async function expire(
  { person: { userId }, uploadId, openId, jobId }: Belongings,
  secondsAgo: number,
): Promise<void> {
  const ended = nowSeconds() - secondsAgo;
  const keys = [uploadItemKey(userId, uploadId), uploadItemKey(userId, openId), jobItemKey(userId, jobId)];
  const change = {
    expression: "SET expiresAt = :ended, dueAt = :due",
    values: { ":ended": ended, ":due": ended + minutes(60) },
  };
  await Promise.all(keys.map((key) => updateItem(key, change)));
}

async function left({ userId }: Person): Promise<string[]> {
  const items = await itemsOf(stack.dynamodb, userId);
  // The memory of the requests that made them ends by itself.
  return [...(await objectsOf(userId)), ...items.filter((key) => !key.startsWith("idempotency#"))];
}

async function statusOf({ token }: Person, method: string, path: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(stack.apiUrl + path, { method, headers });
  await answer.body?.cancel();
  return answer.status;
}

const Line = z.object({ message: z.string(), counts: z.record(z.string(), z.number()) });

/** What a function's log says that it did, summed up. */
function counted(name: string, message: string): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { part, line } of stack.logged) {
    const parsed = part === name && line.startsWith("{") ? Line.safeParse(JSON.parse(line)) : undefined;
    if (!parsed?.success || parsed.data.message !== message) continue;
    for (const [count, value] of Object.entries(parsed.data.counts))
      totals[count] = (totals[count] ?? 0) + value;
  }
  return totals;
}

test("[C3.4] [C6.1] [C6.2] [C6.3] [C6.4] [C8.4] what has expired is gone for its owner at once, then from table and S3 in every version; the log counts it; others' things stay", async () => {
  const mine = await belongings();
  const others = await belongings();
  const { person, uploadId, openId, jobId } = mine;
  const othersBefore = await left(others.person);
  expect(Date.parse((await person.client.getJob({ params: { jobId } })).expiresAt)).toBeGreaterThan(
    Date.now(),
  );

  await expire(mine, 1);
  const before = await left(person);
  for (const [method, path] of [
    ["GET", `/jobs/${jobId}`],
    ["GET", `/jobs/${jobId}/events`],
    ["GET", `/jobs/${jobId}/outputs/output.mp3`],
    ["POST", `/jobs/${jobId}/cancel`],
    ["DELETE", `/jobs/${jobId}`],
    ["GET", `/uploads/${uploadId}`],
    ["GET", `/uploads/${openId}/parts`],
    ["POST", `/uploads/${openId}/complete`],
    ["DELETE", `/uploads/${uploadId}`],
  ] as const) {
    expect([method, path, await statusOf(person, method, path)]).toEqual([method, path, 404]);
  }
  expect(await person.client.listJobs()).toEqual({ items: [] });
  expect(await person.client.listUploads()).toEqual({ items: [] });
  expect(await left(person)).toEqual(before);

  expect(await stack.expiry.expireNow()).toBe(3);
  await expect.poll(() => left(person), { timeout: 15_000 }).toEqual([]);
  expect(await left(others.person)).toEqual(othersBefore);
  // One source, two versions of a result; the open upload and the open result; a step and five events.
  const removed = { objectVersions: 3, multipartUploads: 2, items: 6, recordsCleaned: 3, recordsFailed: 0 };
  await expect.poll(() => counted("cleanup", "cleaned up")).toMatchObject(removed);
  const metrics = stack.logged.filter(({ part, line }) => part === "cleanup" && line.includes('"_aws"'));
  expect(metrics.some(({ line }) => line.includes('"objectVersions"'))).toBe(true);
});

test("[C6.2] [C6.5] what the table's TTL left is swept; a bucket that refuses for a while does not keep the rest, and is cleaned when it answers again", async () => {
  const mine = await belongings();
  const { userId } = mine.person;
  await expire(mine, minutes(61));
  stack.s3.faults.add({
    kind: "refuse",
    status: 403,
    code: "AccessDenied",
    times: 2,
    // The cleanup's own requests, not those by which this test looks on.
    match: ({ bucket, query }) =>
      bucket.includes("videos") && query.get("prefix")?.includes("/jobs/") === true,
  });
  await stack.schedules.runNow("sweep-due");
  await expect.poll(() => left(mine.person), { timeout: 15_000 }).toEqual([]);
  expect(stack.s3.faults.left).toBe(0);
  expect(counted("sweep-due", "swept")).toMatchObject({ expired: 3, sweepErrors: 0 });
  await expect.poll(() => counted("cleanup", "cleaned up").recordsFailed).toBeGreaterThanOrEqual(1);
  expect(await objectsOf(userId)).toEqual([]);
  expect(stack.failures.list()).toEqual([]);
});

test("[C3.4] an object and an unfinished upload whose owner is long gone are found and removed; younger ones and living ones stay", async () => {
  const living = await belongings();
  const before = await left(living.person);
  const [gone, young] = await Promise.all([arrive(stack), arrive(stack)]);
  const nobodys = {
    jobId: "0199a5b2-6c1f-7e21-8a3d-2f7c9b0e4d15",
    kind: "outputs",
    name: "output.mp3",
  } as const;
  const put = async ({ userId }: Person) => {
    for (const bucket of ["uploads", "videos", "thumbnails", "code"] as const) {
      const ref = { bucket, key: objectKey({ userId, ...nobodys }) };
      await putObject({ ...ref, body: "nobody's", contentType: "audio/mpeg" });
      await createMultipart(ref, {});
    }
  };
  // S3 is in this process: to it, this is the day before yesterday.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 48 * 3600_000 });
  await put(gone).finally(() => vi.useRealTimers());
  await put(young);
  expect(await objectsOf(gone.userId)).toHaveLength(8);

  await stack.schedules.runNow("sweep-orphans");
  expect(await objectsOf(gone.userId)).toEqual([]);
  expect(await objectsOf(young.userId)).toHaveLength(8);
  expect(await left(living.person)).toEqual(before);
  expect(counted("sweep-orphans", "swept for orphans")).toMatchObject({
    objectVersions: 4,
    multipartUploads: 4,
    orphanErrors: 0,
  });
});

test("[C6.3] whatever lies below a deleted job, in whichever bucket, goes with it; so do its orders", async () => {
  const { client, userId } = await arrive(stack);
  const body = { name: "b.wav", type: "audio/wav", sizeBytes: 20_000_000, conversions: [mp3] };
  const { jobs } = await client.createUpload({ body });
  const jobId = jobs[0]?.id ?? "";
  const result = objectKey({ userId, jobId, kind: "outputs", name: "output.mp3" });
  const places = [
    { bucket: "videos", key: result },
    { bucket: "thumbnails", key: result },
    { bucket: "code", key: result },
    { bucket: "temp", key: orderKey({ userId, jobId, step: "convert", attempt: 1 }) },
  ] as const;
  for (const ref of places) {
    await putObject({ ...ref, body: "left", contentType: "audio/mpeg" });
    await createMultipart(ref, {});
  }
  // The upload is still open.
  expect(await objectsOf(userId)).toHaveLength(9);
  await client.deleteJob({ params: { jobId } });
  await expect.poll(() => objectsOf(userId), { timeout: 15_000 }).toHaveLength(1);
});
