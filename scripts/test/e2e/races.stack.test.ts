import { rm } from "node:fs/promises";
import { join } from "node:path";
import { objectKey } from "@t2m/contract/keys";
import { jobItemKey } from "@t2m/core/live/keys";
import { updateItem } from "@t2m/core/live/table";
import { createMultipart } from "@t2m/core/storage/multipart";
import { putObject } from "@t2m/core/storage/objects";
import { until } from "@t2m/local/processes/wait";
import type { Asked, Fate } from "@t2m/local/testing/dynamodb-door";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { film, makeMedia, newFolder } from "../support/media.ts";
import { type OwnStack, startOwnStack } from "../support/own-stack.ts";
import { arrive } from "../support/person.ts";
import { objectsOf } from "../support/stored.ts";
import { uploaded } from "../support/uploading.ts";

// What happens at the same moment by chance, made to happen.
let folder: string;
let source: string;
let stack: OwnStack;
beforeAll(async () => {
  folder = await newFolder();
  source = await makeMedia(join(folder, "film.mp4"), ...film(1));
  stack = await startOwnStack();
});
afterEach(() => {
  stack.s3.faults.clear();
  stack.door.judge(() => "pass");
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

const isBy = ({ accessKeyId }: Asked, name: string) => accessKeyId === stack.accessKeyIds.get(name);
const mp4 = { preset: "mp4" } as const;

test("the same request sent twice at once begins one upload; the parts' place of the other is freed", async () => {
  const { client, userId } = await arrive(stack);
  const both = Promise.withResolvers<Fate>();
  let begun = 0;
  stack.door.judge((asked) => {
    if (!isBy(asked, "create-upload") || asked.operation !== "TransactWriteItems") return "pass";
    begun += 1;
    if (begun === 2) both.resolve("pass");
    return both.promise;
  });
  const body = { name: "film.mp4", type: "video/mp4", sizeBytes: 20_000_000, conversions: [] };
  const request = { body, idempotencyKey: "once" };
  const made = await Promise.all([client.createUpload(request), client.createUpload(request)]);
  expect(new Set(made.map(({ upload }) => upload.id)).size).toBe(1);
  expect(begun).toBeGreaterThanOrEqual(2);
  expect(await objectsOf(userId)).toHaveLength(1);
});

test("[C8.5] S3 joins a result's parts and nobody is told: the converter sees that it is there, picture and film", async () => {
  const person = await arrive(stack);
  for (const bucket of ["videos", "thumbnails"]) {
    stack.s3.faults.add({
      kind: "mute",
      match: ({ method, query, bucket: name }) =>
        method === "POST" && query.has("uploadId") && name.includes(bucket),
    });
  }
  const { jobId } = await uploaded(person, source, [mp4]);
  const job = await person.ended(jobId);
  expect(stack.s3.faults.left).toBe(0);
  expect([job.status, job.outputs.length]).toEqual(["completed", 2]);
});

test("[C6.3] what a converter writes after its job was deleted, and cleaned up, goes too", async () => {
  const person = await arrive(stack);
  const { userId, client } = person;
  const results = async () => (await objectsOf(userId)).filter((key) => key.includes("/jobs/"));
  /** The job goes while its converter notes down what it has made; then comes the last of what it wrote. */
  const goes = async (jobId: string) => {
    await client.deleteJob({ params: { jobId } });
    await until("the job is cleaned up", 20_000, async () => (await results()).length === 0);
    for (const bucket of ["videos", "thumbnails"] as const) {
      const ref = { bucket, key: objectKey({ userId, jobId, kind: "outputs", name: "late" }) };
      await putObject({ ...ref, body: "late", contentType: "video/mp4" });
      await createMultipart(ref);
    }
  };
  let gone: Promise<void> | undefined;
  let isGone = false;
  stack.s3.faults.add({
    kind: "refuse",
    times: Number.POSITIVE_INFINITY,
    match: ({ method, key, query }) => {
      if (method !== "PUT" || !query.has("tagging")) return false;
      gone ??= goes(/\/jobs\/([^/]+)/.exec(key)?.[1] ?? "").then(() => {
        isGone = true;
      });
      return !isGone;
    },
  });
  await uploaded(person, source, [mp4]);
  await until("the job is deleted", 40_000, () => gone !== undefined);
  await gone;
  await expect.poll(results, { timeout: 20_000 }).toEqual([]);
});

test("[C7.5] an upload whose event came to nothing is converted all the same: the sweep finds its job", async () => {
  const person = await arrive(stack);
  stack.door.judge((asked) => (isBy(asked, "convert") ? "refuse" : "pass"));
  const { jobId } = await uploaded(person, source, [mp4]);
  await until("the event is given up", 30_000, () => stack.failures.list().length > 0);
  stack.door.judge(() => "pass");
  expect((await person.client.getJob({ params: { jobId } })).status).toBe("waiting");
  await updateItem(jobItemKey(person.userId, jobId), {
    expression: "SET dueAt = :now",
    values: { ":now": Math.floor(Date.now() / 1000) - 1 },
  });
  await stack.schedules.runNow("sweep-due");
  expect((await person.ended(jobId)).status).toBe("completed");
});
