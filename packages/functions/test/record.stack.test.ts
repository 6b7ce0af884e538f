import { userPrefix } from "@t2m/contract/keys";
import { listVersions } from "@t2m/core/storage/versions";
import { sharedStack } from "@t2m/local/testing";
import { beforeAll, expect, test } from "vitest";
import { noise, Person } from "./support/person.ts";

const stack = sharedStack();
beforeAll(() => void Object.assign(process.env, stack.environment));

const mp3 = { preset: "mp3" };
const get = async (person: Person, path: string) => Object(await (await person.ask("GET", path)).json());

test("[VD.3] [V4.3] a batch goes from the line to files by itself, more than may run at once; history and statistics tell of it", async () => {
  const person = await Person.arrive(stack);
  const { uploadId } = await person.upload(noise(1), []);
  const jobs = Array(6).fill({ uploadId, conversion: mp3 });
  const made = await person.ask("POST", "/batches", { name: "six", priority: "high", jobs });
  expect(made.status).toBe(201);
  const { id } = Object(await made.json());
  // The stream is told of each end, and makes room for the next.
  await expect
    .poll(async () => (await get(person, `/batches/${id}`)).jobs.completed, { timeout: 40_000 })
    .toBe(6);
  expect(await get(person, `/batches/${id}`)).toMatchObject({ status: "finished", percent: 100 });
  const { items } = await get(person, `/history?batchId=${id}&status=completed`);
  expect(items).toHaveLength(6);
  expect(items[0]).toMatchObject({
    sourceName: "song.wav",
    priority: "high",
    outputs: [{ name: "output.mp3", role: "main" }],
  });
  expect((await get(person, "/files?kind=main")).items).toHaveLength(6);
  expect(await get(person, "/me/statistics")).toMatchObject({ jobs: { completed: 6 }, storedFiles: 7 });
  expect(await get(person, "/queue")).toMatchObject({ queued: 0, running: 0 });
});

test("[VD.4] an account that is deleted over the API leaves no object and no item, and its session ends", async () => {
  const person = await Person.arrive(stack);
  const userId = person.userId(stack.issuerUrl);
  const { jobIds } = await person.upload(noise(1), [mp3]);
  await expect
    .poll(async () => (await person.job(jobIds[0] ?? "")).status, { timeout: 30_000 })
    .toBe("completed");
  await expect.poll(async () => (await get(person, "/files")).items.length, { timeout: 10_000 }).toBe(2);
  expect((await person.ask("DELETE", "/me")).status).toBe(200);
  const left = async () => {
    const buckets = ["uploads", "videos"] as const;
    const lists = await Promise.all(
      buckets.map((bucket) => Array.fromAsync(listVersions(bucket, userPrefix(userId)))),
    );
    return lists.flat(2).length;
  };
  await expect.poll(left, { timeout: 20_000 }).toBe(0);
  await expect
    .poll(async () => (await person.ask("GET", "/me")).status, { timeout: 10_000 })
    .toBeGreaterThanOrEqual(401);
  expect(await stack.failures()).toEqual([]);
});
