import { randomUUID } from "node:crypto";
import { objectKey } from "@t2m/contract/keys";
import { sweepOrphans } from "@t2m/core/cleanup/orphans";
import type { JobKey } from "@t2m/core/jobs/items";
import { uploadItemKey } from "@t2m/core/live/keys";
import { updateItem } from "@t2m/core/live/table";
import { createMultipart } from "@t2m/core/storage/multipart";
import { listMultipartUploads } from "@t2m/core/storage/multipart-lists";
import { headObject, putObject } from "@t2m/core/storage/objects";
import { v7 } from "uuid";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { givenJob, givenUpload, useParts } from "../jobs/support.ts";

const parts = useParts();
// One clock for all tests, which only goes forward: how far a round is stands in the table.
beforeAll(() => void vi.useFakeTimers({ toFake: ["Date"] }));
beforeEach(() => hours(25));
afterEach(() => parts.s3.faults.clear());
afterAll(() => void vi.useRealTimers());

const hours = (count: number) => vi.setSystemTime(Date.now() + count * 3600_000);
const sweep = (bounds: { until?: number; pageSize?: number } = {}) =>
  sweepOrphans({ until: Date.now() + 60_000, ...bounds });
const inAWeek = () => Math.floor(Date.now() / 1000) + 7 * 86_400;

async function givenOutput({ userId, jobId }: JobKey): Promise<{ bucket: "videos"; key: string }> {
  const ref = {
    bucket: "videos",
    key: objectKey({ userId, jobId, kind: "outputs", name: "output.mp3" }),
  } as const;
  await putObject({ ...ref, body: "0123456789", contentType: "audio/mpeg" });
  return ref;
}

const nobodys = () => givenOutput({ userId: randomUUID(), jobId: v7() });

test("objects whose upload or job is gone for over a day are removed; owned and fresh ones stay", async () => {
  const job = await givenJob("queued", { expiresAt: inAWeek() });
  const owned = await givenOutput(job);
  const orphan = await nobodys();
  const upload = { userId: job.userId, uploadId: job.uploadId };
  const source = { bucket: "uploads", key: objectKey(upload) } as const;
  await putObject({ ...source, body: "0123456789", contentType: "audio/wav" });
  hours(25);
  const fresh = await nobodys();

  const counts = await sweep();
  expect(counts).toMatchObject({ objectVersions: 2, sizeBytes: 20, isComplete: true, errors: [] });
  expect(await headObject(owned)).toBeDefined();
  expect(await headObject(fresh)).toBeDefined();
  expect(await headObject(orphan)).toBeUndefined();
  expect(await headObject(source)).toBeUndefined();
  hours(25);
  await sweep();
  expect(await headObject(fresh)).toBeUndefined();
});

test("multipart uploads begun over a day ago are aborted, but for the one that a living upload knows", async () => {
  const upload = { userId: randomUUID(), uploadId: v7() };
  const ref = { bucket: "uploads", key: objectKey(upload) } as const;
  const [known, forgotten] = [await createMultipart(ref), await createMultipart(ref)];
  await givenUpload({ ...upload, status: "open", multipartId: known, expiresAt: inAWeek() });
  const output = await nobodys();
  await createMultipart(output);
  const open = async () =>
    (await Array.fromAsync(listMultipartUploads("uploads", "users/"))).map(({ uploadId }) => uploadId);

  await sweep();
  hours(20);
  expect((await open()).sort()).toEqual([known, forgotten].sort());
  hours(25);
  expect(await sweep()).toMatchObject({ multipartUploads: 2, errors: [] });
  expect(await open()).toEqual([known]);
  expect(await Array.fromAsync(listMultipartUploads("videos", "users/"))).toEqual([]);

  await updateItem(uploadItemKey(upload.userId, upload.uploadId), {
    expression: "SET expiresAt = :past",
    values: { ":past": 1 },
  });
  hours(25);
  expect(await sweep()).toMatchObject({ multipartUploads: 1 });
});

test("a run that is out of time goes on where it stopped, and a finished round rests for a day", async () => {
  await sweep();
  const orphans = await Promise.all(Array.from({ length: 7 }, nobodys));
  hours(25);

  let removed = 0;
  let runs = 0;
  for (let isComplete = false; !isComplete && runs < 40; runs++) {
    // Time is up as soon as a page has been dealt with.
    const begun = Date.now();
    const clock = setInterval(() => vi.setSystemTime(Date.now() + 1000), 1);
    const counts = await sweep({ until: begun + 20_000, pageSize: 2 });
    clearInterval(clock);
    removed += counts.objectVersions;
    isComplete = counts.isComplete;
  }
  expect(removed).toBe(7);
  for (const orphan of orphans) expect(await headObject(orphan)).toBeUndefined();

  const late = await nobodys();
  hours(2);
  expect(await sweep()).toMatchObject({ owners: 0, isComplete: true });
  expect(await headObject(late)).toBeDefined();
});

test("an object that cannot be removed does not keep the others from it", async () => {
  await sweep();
  const [one, two] = [await nobodys(), await nobodys()];
  hours(25);
  parts.s3.faults.add({
    kind: "refuse",
    status: 403,
    code: "AccessDenied",
    match: ({ method, query }) => method === "POST" && query.has("delete"),
  });
  const counts = await sweep();
  expect(counts.errors).toHaveLength(1);
  expect(counts).toMatchObject({ objectVersions: 1, isComplete: true });
  hours(25);
  expect(await sweep()).toMatchObject({ objectVersions: 1, errors: [] });
  expect([await headObject(one), await headObject(two)]).toEqual([undefined, undefined]);
});
