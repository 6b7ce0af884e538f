import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Bucket, buckets, userPrefix } from "@t2m/contract/keys";
import { queueLimits } from "@t2m/contract/limits";
import { jobItemKey } from "@t2m/core/live/keys";
import { getItem } from "@t2m/core/live/table";
import { createMultipart } from "@t2m/core/storage/multipart";
import { listMultipartUploads } from "@t2m/core/storage/multipart-lists";
import { putObject } from "@t2m/core/storage/objects";
import { listVersions } from "@t2m/core/storage/versions";
import type { Fate } from "@t2m/local/testing/dynamodb-door";
import postgres, { type Sql } from "postgres";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { makeMedia, newFolder, noise } from "../support/media.ts";
import { type OwnStack, startOwnStack } from "../support/own-stack.ts";
import { arrive, type Person } from "../support/person.ts";
import { uploaded } from "../support/uploading.ts";

let folder: string;
let source: string;
let stack: OwnStack;
let sql: Sql;
beforeAll(async () => {
  folder = await newFolder();
  source = await makeMedia(join(folder, "song.wav"), ...noise(1));
  stack = await startOwnStack({ hasPostgres: true });
  const database = await stack.database;
  if (!database) throw new Error("there is no Postgres");
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
}, 90_000);
afterEach(() => stack.door.judge(() => "pass"));
afterAll(async () => {
  await sql.end({ timeout: 1 });
  await stack.stop();
  await rm(folder, { recursive: true });
});

const contentType = "audio/mpeg";
const text = async (url: string) => (await fetch(url)).text();

/** A file of somebody's in two versions. */
async function givenFile({ userId }: Person, bucket: Exclude<Bucket, "temp">): Promise<string> {
  const fileId = randomUUID();
  const key = `${userPrefix(userId)}uploads/${fileId}/source`;
  for (const body of ["first", "second"]) {
    await putObject({ bucket, key, body, contentType, tags: { durationSeconds: "1" } });
  }
  await sql`insert into file_metadata ${sql({
    id: fileId,
    user_id: userId,
    file_type: "source",
    original_filename: "song.mp3",
    s3_bucket: bucket,
    s3_key: key,
    file_size: 6,
    content_type: contentType,
    created_at: new Date(),
  })}`;
  return fileId;
}

test.each(["uploads", "videos", "code", "thumbnails"] as const)(
  "[V1.1] a file in the bucket %s is downloaded, version by version, restored with its tags, and shared",
  async (bucket) => {
    const person = await arrive(stack);
    const { client } = person;
    await client.getMe();
    const fileId = await givenFile(person, bucket);
    const params = { fileId };
    const { items } = await client.listFileVersions({ params });
    const older = items.find(({ isLatest }) => !isLatest)?.versionId ?? "";
    expect(await text((await client.signFile({ params, query: { for: "download" } })).url)).toBe("second");
    const signed = await client.signFile({ params, query: { for: "play", versionId: older } });
    expect(await text(signed.url)).toBe("first");
    await client.restoreFileVersion({ params: { fileId, versionId: older } });
    const { token } = await client.shareFile({ params, body: { expiresInSeconds: 600 } });
    expect(await text((await client.openShare({ params: { token } })).url)).toBe("first");
  },
);

const conversion = { preset: "mp3" } as const;

/** Somebody with a batch whose jobs wait for a converter that never comes to its work. */
async function withBatch(jobs: number) {
  const convert = stack.accessKeyIds.get("convert");
  stack.door.judge(({ accessKeyId }) => (accessKeyId === convert ? "refuse" : "pass"));
  const person = await arrive(stack);
  const { uploadId } = await uploaded(person, source, []);
  const makes = (count: number) =>
    person.client.createBatch({ body: { jobs: Array(count).fill({ uploadId, conversion }) } });
  const batch = await makes(jobs);
  // Until then the projector holds rows of theirs, over which the release would pass, and leave them to the clock.
  const started = () => sql`select from jobs where user_id = ${person.userId} and version > 0`;
  await expect.poll(started, { timeout: 15_000 }).toHaveLength(Math.min(jobs, queueLimits.perUser));
  return { ...person, makes, batch };
}
type WithBatch = Awaited<ReturnType<typeof withBatch>>;

const waiting = async ({ client }: WithBatch) => (await client.getQueue()).queued;

const running = async ({ client }: WithBatch) => (await client.listJobs()).items[0]?.id ?? "";

/** As when one of somebody's jobs has ended. */
const makesRoom = ({ userId }: WithBatch) => sql`
  update job_queue set status = 'completed', completed_at = now() where job_id = (
    select q.job_id from job_queue q join jobs on jobs.id = q.job_id
    where q.status = 'running' and jobs.user_id = ${userId} limit 1)`;

test("[VD.3] what stands in line starts when there is room: by whoever made it, by who resumes the batch, by the clock", async () => {
  const ada = await withBatch(8);
  const params = { batchId: ada.batch.id };
  expect(await waiting(ada)).toBe(4);
  await makesRoom(ada);
  await ada.client.pauseBatch({ params });
  await ada.client.resumeBatch({ params });
  expect(await waiting(ada)).toBe(3);
  await makesRoom(ada);
  await stack.schedules.runNow("release-queued");
  expect(await waiting(ada)).toBe(2);

  await ada.client.cancelJob({ params: { jobId: await running(ada) } });
  await expect.poll(() => waiting(ada), { timeout: 15_000 }).toBe(1);
  const cancelled = await ada.client.cancelBatch({ params });
  expect(cancelled).toMatchObject({ status: "cancelled" });
  expect(await waiting(ada)).toBe(0);
});

/** Cancels somebody's batches in the record at the moment in which a function makes a live job. */
function cancelWhile(name: string, { userId }: WithBatch): void {
  const [convert, releaser] = ["convert", name].map((each) => stack.accessKeyIds.get(each));
  const cancelled = async (): Promise<Fate> => {
    await sql`update batches set status = 'cancelled' where user_id = ${userId}`;
    return "pass";
  };
  stack.door.judge(({ accessKeyId, operation }) => {
    if (accessKeyId === convert) return "refuse";
    return accessKeyId === releaser && operation === "TransactWriteItems" ? cancelled() : "pass";
  });
}

const releases: Record<string, { jobs: number; by: (ada: WithBatch) => Promise<unknown> }> = {
  "create-batch": { jobs: 4, by: (ada) => ada.makes(1) },
  batches: { jobs: 5, by: ({ client, batch }) => client.resumeBatch({ params: { batchId: batch.id } }) },
  // As by the clock: again where Postgres was just then too slow to answer.
  "release-queued": {
    jobs: 5,
    by: (ada) => {
      const release = () => stack.schedules.runNow("release-queued").then(() => waiting(ada));
      return expect.poll(release, { timeout: 15_000 }).toBe(0);
    },
  },
  record: { jobs: 5, by: async (ada) => ada.client.cancelJob({ params: { jobId: await running(ada) } }) },
};

test.each(Object.entries(releases))(
  "[VD.3] a job whose batch is cancelled while %s releases it is cancelled, too",
  async (name, { jobs, by }) => {
    const ada = await withBatch(jobs);
    if (name !== "record") await makesRoom(ada);
    cancelWhile(name, ada);
    await by(ada);
    const [last] = await sql`select id from jobs where user_id = ${ada.userId} order by id desc limit 1`;
    const { userId } = ada;
    const live = async () => (await getItem(jobItemKey(userId, String(last?.id))))?.status;
    await expect.poll(live, { timeout: 15_000 }).toBe("cancelled");
  },
);

test("[VD.4] support cancels somebody's job for them", async () => {
  const [boss, person] = await Promise.all([arrive(stack), arrive(stack)]);
  await boss.client.getMe();
  await sql`update users set role = 'admin' where id = ${boss.userId}`;
  const body = { name: "b.wav", type: "audio/wav", sizeBytes: 20_000_000, conversions: [conversion] };
  const { jobs } = await person.client.createUpload({ body });
  const jobId = jobs[0]?.id ?? "";
  await expect.poll(() => sql`select from jobs where id = ${jobId}`, { timeout: 15_000 }).toHaveLength(1);
  await boss.client.cancelForUser({ params: { userId: person.userId, jobId } });
  expect((await person.ended(jobId)).status).toBe("cancelled");
});

async function objectsOf(userId: string): Promise<string[]> {
  const found = buckets.map(async (bucket) => {
    const versions = (await Array.fromAsync(listVersions(bucket, userPrefix(userId)))).flat();
    const open = await Array.fromAsync(listMultipartUploads(bucket, userPrefix(userId)));
    return [...versions, ...open].map(({ key }) => `${bucket}/${key}`);
  });
  return (await Promise.all(found)).flat();
}

test("[VD.4] an export that cannot be stored says so, and leaves nothing unfinished", async () => {
  const { client, userId } = await arrive(stack);
  await client.getMe();
  stack.s3.faults.add({
    kind: "refuse",
    times: Number.POSITIVE_INFINITY,
    match: ({ method, key }) => method === "PUT" && key.startsWith(userPrefix(userId)),
  });
  await expect(client.exportMyData()).rejects.toMatchObject({ code: "service.unavailable" });
  stack.s3.faults.clear();
  expect(await objectsOf(userId)).toEqual([]);
});

test("[VD.4] a deleted account leaves nothing in any bucket: no version, nothing unfinished; nor in the live table", async () => {
  const person = await arrive(stack);
  const { client, userId } = person;
  const { jobId } = await uploaded(person, source);
  await person.ended(jobId);
  const exported = await client.exportMyData();
  expect(await text(exported.url)).toContain(userId);
  // Of a job whose own cleanup came to nothing.
  for (const bucket of buckets) {
    const ref = { bucket, key: `${userPrefix(userId)}jobs/${randomUUID()}/outputs/left` };
    await putObject({ ...ref, body: "left", contentType });
    await createMultipart(ref);
  }
  await client.deleteMe();
  await expect.poll(() => objectsOf(userId), { timeout: 20_000 }).toEqual([]);
  expect(await getItem(jobItemKey(userId, jobId))).toBeUndefined();
});
