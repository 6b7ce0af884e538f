import { rm } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { base64OfCrc32 } from "@t2m/client/upload/crc32";
import type { JobEvent } from "@t2m/contract/jobs";
import { headObject } from "@t2m/core/storage/objects";
import { until } from "@t2m/local/processes/wait";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { convertedHere, makeMedia, newFolder, noise } from "../support/media.ts";
import { type OwnStack, startOwnStack } from "../support/own-stack.ts";
import { arrive, type Person } from "../support/person.ts";
import { ffmpegsIn } from "../support/processes.ts";
import { objectsOf, temporaryFilesOf } from "../support/stored.ts";
import { uploaded } from "../support/uploading.ts";

// Redelivery comes when the lease of who was killed has run out, as on AWS.
const leaseSeconds = 2;
let folder: string;
let stack: OwnStack;
let source: string;
let checksumCrc32: string;
beforeAll(async () => {
  folder = await newFolder();
  source = await makeMedia(join(folder, "song.wav"), ...noise(300));
  checksumCrc32 = base64OfCrc32(crc32(await convertedHere(source, { preset: "mp3" })));
  stack = await startOwnStack({
    environment: { T2M_LEASE_SECONDS: String(leaseSeconds) },
    retryDelaysMs: [leaseSeconds * 1000 + 500, 5_000],
  });
});
afterEach(() => {
  stack.s3.faults.clear();
  stack.door.judge(() => "pass");
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

/** Kills the converter that works, once there is one, and says which ffmpegs it had. */
function killer() {
  const { promise: killed, resolve } = Promise.withResolvers<number[]>();
  let isDone = false;
  const kill = () => {
    const busy = stack.pools
      .get("convert")
      ?.sandboxes()
      .find(({ state }) => state === "busy")?.pid;
    if (isDone || !busy) return false;
    isDone = true;
    const ffmpegs = ffmpegsIn(stack.directory).map(({ pid }) => pid);
    process.kill(busy, "SIGKILL");
    resolve(ffmpegs);
    return true;
  };
  return { kill, killed };
}

type Kill = () => boolean;
/** When S3 is asked for such a thing; what is asked for is done all the same. */
const onS3 = (kill: Kill, method: string, bucket: string, query?: string) =>
  stack.s3.faults.add({
    kind: "mute",
    match: (target) =>
      target.method === method &&
      target.bucket.includes(bucket) &&
      (query === undefined || target.query.has(query)) &&
      kill(),
  });
/** When DynamoDB is told that the job is done. */
const onCompletion = (kill: Kill, fate: "mute" | "refuse") =>
  stack.door.judge(({ operation, body }) =>
    operation === "TransactWriteItems" && body.includes("job.completed") && kill() ? fate : "pass",
  );
async function onFfmpeg(kill: Kill): Promise<void> {
  await until("ffmpeg works", 15_000, () =>
    ffmpegsIn(stack.directory).some(({ command }) => command.includes("output.mp3")),
  );
  kill();
}

const moments: [what: string, arm: (kill: Kill) => unknown, attempts: number][] = [
  ["before ffmpeg, as it reads the source", (kill) => onS3(kill, "GET", "uploads"), 2],
  ["while ffmpeg works", (kill) => void onFfmpeg(kill), 2],
  ["as the result is put together", (kill) => onS3(kill, "POST", "videos", "uploadId"), 2],
  ["when the result is there", (kill) => onS3(kill, "PUT", "videos", "tagging"), 2],
  ["as it says that it is done, unheard", (kill) => onCompletion(kill, "refuse"), 2],
  ["as it says that it is done, heard", (kill) => onCompletion(kill, "mute"), 1],
];

async function eventsOf({ client }: Person, jobId: string): Promise<JobEvent[]> {
  const updates = await Array.fromAsync(client.streamJob({ params: { jobId } }));
  return updates.flatMap((update) => (update.type === "event" ? [update.event] : []));
}

/** Waits for the job's end; when redelivery alone does not bring it, the sweep does, as it would each minute. */
async function finished(person: Person, jobId: string) {
  const job = await person.ended(jobId, leaseSeconds * 1000 + 4_000).catch(() => undefined);
  if (job) return job;
  return await until("the sweep has it finished", 15_000, async () => {
    await stack.schedules.runNow("sweep-due");
    return await person.ended(jobId, 500).catch(() => undefined);
  });
}

test.each(moments)(
  "[C8.5] [A11.3] a converter that is killed %s leaves no ffmpeg; another finishes its job, once",
  async (_, arm, attempts) => {
    const person = await arrive(stack);
    const { kill, killed } = killer();
    arm(kill);
    const { jobId } = await uploaded(person, source);
    const ffmpegs = await killed;
    await until(
      "the ffmpegs of who was killed are gone",
      5_000,
      () => !ffmpegsIn(stack.directory).some(({ pid }) => ffmpegs.includes(pid)),
    );
    const job = await finished(person, jobId);

    expect(job).toMatchObject({ status: "completed", percent: 100, outputs: [{ checksumCrc32 }] });
    const events = await eventsOf(person, jobId);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_event, index) => index + 1));
    expect(job.version).toBe(events.length);
    expect(events.filter(({ type }) => type === "step.started").length).toBeGreaterThanOrEqual(attempts);
    expect(events.filter(({ type }) => type === "job.completed")).toHaveLength(1);
    expect(events.at(-1)?.type).toBe("job.completed");

    const stored = (await objectsOf(person.userId, ["videos"])).filter(
      (key) => !key.startsWith("unfinished"),
    );
    const [key = "", ...others] = [...new Set(stored)];
    expect(others).toEqual([]);
    expect(await headObject({ bucket: "videos", key: key.slice("videos/".length) })).toMatchObject({
      checksumCrc32,
    });
    expect(ffmpegsIn(stack.directory)).toEqual([]);
    expect(temporaryFilesOf(stack.directory)).toEqual([]);
    await person.client.deleteJob({ params: { jobId } });
    await until(
      "what the killed one left goes with the job",
      10_000,
      async () => (await objectsOf(person.userId, ["videos", "thumbnails", "temp"])).length === 0,
    );
  },
);

test("nothing of all this was given up", () => {
  expect(stack.failures.list()).toEqual([]);
});
