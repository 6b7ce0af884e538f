import { orderKey } from "@t2m/contract/keys";
import { cancelJob } from "@t2m/core/jobs/cancel";
import { findJob } from "@t2m/core/jobs/get";
import { uploadItemKey } from "@t2m/core/live/keys";
import { deleteItem } from "@t2m/core/live/table";
import { headObject } from "@t2m/core/storage/objects";
import type { Context } from "aws-lambda";
import { afterEach, expect, test } from "vitest";
import { givenFile, givenPastJob, givenUpload, newPerson, type Person, useRecord } from "./support/record.ts";
import { problemOf, type Response } from "./support/request.ts";

const record = useRecord();
afterEach(async () => {
  await record.sql`truncate users cascade`;
});

type BatchJob = {
  id: string;
  status: string;
  place?: number;
  estimatedStartAt?: string;
  estimatedCompletionAt?: string;
};
const conversion = { preset: "mp3" };

async function makes(person: Person, jobs: number, more: object = {}, headers: Record<string, string> = {}) {
  const uploadId = await givenUpload(person.userId);
  const body = { jobs: Array(jobs).fill({ uploadId, conversion }), ...more };
  const made = await person.asks("createBatch", { body, headers });
  return { made, body, uploadId, batchId: String(Object(made.body).id) };
}

const jobsOf = async (person: Person, batchId: string): Promise<BatchJob[]> =>
  Object((await person.asks("listBatchJobs", { params: { batchId } })).body).items;

const runRelease = async () => {
  const { handler } = await import("@t2m/functions/schedule/release-queued");
  await handler(undefined, { getRemainingTimeInMillis: () => 30_000 } as Context);
};
/** As the projector does when a job has ended. */
const ends = (jobIds: readonly string[]) => record.sql`
  update job_queue set status = 'completed', completed_at = now() where job_id in ${record.sql(jobIds)}`;

const refusal = (response: Response) => [response.status, problemOf(response).code];

test("[VD.3] of a batch as many jobs start as may run, by work orders on S3; the others are told their place", async () => {
  const ada = newPerson();
  const { made, batchId } = await makes(ada, 7, { name: "Harbour" });
  expect([made.status, made.body]).toMatchObject([
    201,
    { name: "Harbour", priority: "normal", status: "open", jobCount: 7, percent: 0 },
  ]);
  const jobs = await jobsOf(ada, batchId);
  expect(jobs.map(({ place }) => place)).toEqual([undefined, undefined, undefined, undefined, 1, 2, 3]);
  const { userId } = ada;
  for (const [index, { id: jobId }] of jobs.entries()) {
    const live = await findJob({ userId, jobId });
    const key = orderKey({ userId, jobId, step: "convert", attempt: 1 });
    const order = await headObject({ bucket: "temp", key });
    expect([live?.status, order !== undefined]).toEqual(index < 4 ? ["queued", true] : [undefined, false]);
  }
  expect((await ada.asks("getQueue")).body).toMatchObject({ queued: 3, running: 4, nextPlace: 1 });

  await ends(jobs.slice(0, 2).map(({ id }) => id));
  await runRelease();
  expect((await jobsOf(ada, batchId)).map(({ place }) => place).filter(Boolean)).toEqual([1]);
});

/** Conversions of sources of ten bytes that took two hundred seconds each, a moment ago. */
async function givenRuns(userId: string, count: number): Promise<void> {
  for (let run = 0; run < count; run++) {
    const jobId = await givenPastJob(record.sql, userId);
    const { fileId } = await givenFile(record.sql, userId);
    await record.sql`update jobs set upload_id = ${fileId}, started_at = now() - interval '200 seconds',
      finished_at = now() where id = ${jobId}`;
  }
}

/** The record's row of an upload, as its completion makes it. */
async function recorded(userId: string, uploadId: string, sizeBytes: number): Promise<void> {
  const { fileId } = await givenFile(record.sql, userId);
  await record.sql`update file_metadata set id = ${uploadId}, file_size = ${sizeBytes} where id = ${fileId}`;
}

/** In so many seconds, to the nearest hundred; undefined where nothing is said. */
const inSeconds = (moment: string | undefined) =>
  moment === undefined ? undefined : Math.round((Date.parse(moment) - Date.now()) / 100_000) * 100;
const outlook = ({ estimatedStartAt, estimatedCompletionAt }: BatchJob) => [
  inSeconds(estimatedStartAt),
  inSeconds(estimatedCompletionAt),
];

test("[VD.3] when jobs in line may start and end is told as jobs of their preset and size went of late; what runs has an end, too", async () => {
  const [other, ada] = [newPerson(), newPerson()];
  await givenRuns(other.userId, 3);
  const { batchId, uploadId } = await makes(ada, 9);
  await recorded(ada.userId, uploadId, 10);
  const jobs = await jobsOf(ada, batchId);
  expect(jobs.map(outlook)).toEqual([
    ...Array(4).fill([undefined, 200]),
    ...Array(4).fill([200, 400]),
    [400, 600],
  ]);
  const { body: batch } = await ada.asks("getBatch", { params: { batchId } });
  expect(inSeconds(Object(batch).estimatedCompletionAt)).toBe(600);
  expect(outlook(Object((await ada.asks("getQueue")).body))).toEqual([200, 600]);

  // Of a source a hundred times as large nobody knows how long it takes, nor by another preset.
  await record.sql`update file_metadata set file_size = 1000 where id = ${uploadId}`;
  expect((await jobsOf(ada, batchId)).map(outlook)[8]).toEqual([400, undefined]);
  await record.sql`update file_metadata set file_size = 10 where id = ${uploadId}`;
  await record.sql`update jobs set configuration = '{"preset": "flac"}' where batch_id = ${batchId}`;
  expect((await jobsOf(ada, batchId)).map(outlook)[8]).toEqual([400, undefined]);
});

test("[VD.3] where too little has been converted of late to go by, no time is told", async () => {
  const ada = newPerson();
  await givenRuns(ada.userId, 5);
  await record.sql`update jobs set finished_at = now() - interval '8 days', started_at = now() - interval '9 days'
    where id in (select id from jobs limit 3)`;
  const { batchId, uploadId } = await makes(ada, 6);
  await recorded(ada.userId, uploadId, 10);
  const jobs = await jobsOf(ada, batchId);
  expect(jobs.map(({ place }) => place).filter(Boolean)).toEqual([1, 2]);
  expect(jobs.flatMap(outlook).filter((seconds) => seconds !== undefined)).toEqual([]);
  const { body } = await ada.asks("getQueue");
  expect(Object.keys(Object(body))).not.toContain("estimatedStartAt");
});

test("[VD.3] a hundred files go at once; a thousand and one are refused", async () => {
  const ada = newPerson();
  const { made } = await makes(ada, 1000);
  expect([made.status, Object(made.body).jobCount]).toEqual([201, 1000]);
  expect(refusal((await makes(ada, 1001)).made)).toEqual([400, "request.invalid"]);
  expect(refusal((await makes(ada, 0)).made)).toEqual([400, "request.invalid"]);
  expect(refusal((await makes(ada, 1, { priority: "highest" })).made)).toEqual([400, "request.invalid"]);
});

test("the same Idempotency-Key makes one batch, also when sent twice at once; with another body it is refused", async () => {
  const ada = newPerson();
  await ada.asks("getMe");
  const headers = { "idempotency-key": "k" };
  const { made, body } = await makes(ada, 2, {}, headers);
  const again = await ada.asks("createBatch", { body, headers });
  expect([made.status, again.status, Object(again.body).id]).toEqual([201, 200, Object(made.body).id]);
  const other = { ...body, priority: "low" };
  expect(refusal(await ada.asks("createBatch", { body: other, headers }))).toEqual([
    422,
    "idempotency.mismatch",
  ]);
  expect(await record.sql`select count(*)::int as jobs from jobs`).toEqual([{ jobs: 2 }]);
});

test("a batch is of uploads that are there, complete and one's own; otherwise none of it is made", async () => {
  const [ada, other] = [newPerson(), newPerson()];
  const [mine, open, foreign] = await Promise.all([
    givenUpload(ada.userId),
    givenUpload(ada.userId, { status: "open" }),
    givenUpload(other.userId),
  ]);
  const batch = (uploadId: string) => ({
    body: { jobs: [mine, uploadId].map((id) => ({ uploadId: id, conversion })) },
  });
  expect(refusal(await ada.asks("createBatch", batch(foreign)))).toEqual([404, "not_found"]);
  expect(refusal(await ada.asks("createBatch", batch(open)))).toEqual([409, "upload.not_open"]);
  expect(await record.sql`select 1 from batches`).toHaveLength(0);
});

test("[VD.3] a paused batch starts nothing more and keeps its places; resumed it goes on; cancelled it ends, and stays ended", async () => {
  const ada = newPerson();
  const { batchId } = await makes(ada, 6);
  const params = { batchId };
  const jobs = await jobsOf(ada, batchId);
  expect((await ada.asks("pauseBatch", { params })).body).toMatchObject({ status: "paused" });
  await ends(jobs.slice(0, 1).map(({ id }) => id));
  await runRelease();
  expect((await ada.asks("getQueue")).body).toMatchObject({ queued: 0, paused: 2, running: 3 });

  expect((await ada.asks("resumeBatch", { params })).body).toMatchObject({ status: "open" });
  expect((await ada.asks("getQueue")).body).toMatchObject({ queued: 1, paused: 0, running: 4 });

  const cancelled = await ada.asks("cancelBatch", { params });
  expect(cancelled.body).toMatchObject({ status: "cancelled", jobs: { cancelled: 1 } });
  for (const { id: jobId } of jobs.slice(1, 5)) {
    expect((await findJob({ userId: ada.userId, jobId }))?.status).toBe("cancelled");
  }
  expect(await findJob({ userId: ada.userId, jobId: jobs[5]?.id ?? "" })).toBeUndefined();
  expect((await ada.asks("cancelBatch", { params })).status).toBe(200);
  expect(refusal(await ada.asks("resumeBatch", { params }))).toEqual([409, "batch.ended"]);
  expect(refusal(await ada.asks("pauseBatch", { params }))).toEqual([409, "batch.ended"]);
});

test("a job whose upload has gone before its turn fails alone and says why; those behind it start", async () => {
  const ada = newPerson();
  const { batchId, uploadId } = await makes(ada, 6);
  const jobs = await jobsOf(ada, batchId);
  await deleteItem(uploadItemKey(ada.userId, uploadId));
  const next = await makes(ada, 1);
  await ends(jobs.slice(0, 4).map(({ id }) => id));
  await runRelease();
  const after = await jobsOf(ada, batchId);
  expect(after.slice(4)).toMatchObject(Array(2).fill({ status: "failed", failure: { code: "upload.gone" } }));
  const [released] = await jobsOf(ada, next.batchId);
  expect((await findJob({ userId: ada.userId, jobId: released?.id ?? "" }))?.status).toBe("queued");
});

test("a release that died after it had made the live job is done again, and it is still one job with one history", async () => {
  const ada = newPerson();
  const { batchId } = await makes(ada, 1);
  const [job] = await jobsOf(ada, batchId);
  const key = { userId: ada.userId, jobId: job?.id ?? "" };
  await cancelJob(key);
  await record.sql`update job_queue set status = 'claimed', claim_token = gen_random_uuid(),
    claimed_until = now() - interval '1 second'`;
  await runRelease();
  expect(await findJob(key)).toMatchObject({ status: "cancelled", version: 2 });
  expect(await record.sql`select status from job_queue`).toEqual([{ status: "running" }]);
});

test("a release that died after it had made the live job does not fail it where the upload has gone since", async () => {
  const ada = newPerson();
  const { batchId, uploadId } = await makes(ada, 1);
  const [job] = await jobsOf(ada, batchId);
  const key = { userId: ada.userId, jobId: job?.id ?? "" };
  await deleteItem(uploadItemKey(ada.userId, uploadId));
  await record.sql`update job_queue set status = 'claimed', claim_token = gen_random_uuid(),
    claimed_until = now() - interval '1 second'`;
  await runRelease();
  expect(await findJob(key)).toMatchObject({ status: "queued", version: 1 });
  expect(
    await record.sql`select q.status, j.status as job from job_queue q join jobs j on j.id = q.job_id`,
  ).toEqual([{ status: "running", job: "queued" }]);
});
