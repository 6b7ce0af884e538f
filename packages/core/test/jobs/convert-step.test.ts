import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobPrefix, objectKey } from "@t2m/contract/keys";
import { findBinaries } from "@t2m/core/ffmpeg/binaries";
import { cancelJob } from "@t2m/core/jobs/cancel";
import { fileNameFor, runConvertStep } from "@t2m/core/jobs/convert-step";
import { outputRef, signOutput } from "@t2m/core/jobs/delivery";
import { getJob } from "@t2m/core/jobs/get";
import { removeJob } from "@t2m/core/jobs/remove";
import { listMultipartUploads } from "@t2m/core/storage/multipart-lists";
import { headObject, putObject } from "@t2m/core/storage/objects";
import { listVersions } from "@t2m/core/storage/versions";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { claimed, givenJob, givenUpload, historyOf, useParts } from "./support.ts";

const parts = useParts();
let workDirectory = "";
beforeAll(() => {
  workDirectory = mkdtempSync(join(tmpdir(), "t2m-convert-step-"));
});
afterEach(() => parts.s3.faults.clear());
afterAll(() => rmSync(workDirectory, { recursive: true, force: true }));

const run = () => ({
  workDirectory,
  binaries: findBinaries(),
  deadline: new Date(Date.now() + 120_000),
});

/** 16-bit mono noise at 8 kHz: nothing an encoder could make light of. */
function wav(seconds: number): Buffer {
  const data = randomBytes(seconds * 16_000);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(16_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

async function givenSource(body: Buffer, sourceName = "Müsik 1.wav") {
  const job = await givenJob("queued", { sourceName });
  const { userId, uploadId } = job;
  await givenUpload({ ...job, name: sourceName, sizeBytes: body.length, jobIds: [job.jobId] });
  await putObject({
    bucket: "uploads",
    key: objectKey({ userId, uploadId }),
    body,
    contentType: "audio/wav",
  });
  return job;
}

async function objectsOf({ userId, jobId }: { userId: string; jobId: string }): Promise<string[]> {
  const prefix = jobPrefix(userId, jobId);
  const versions = (await Array.fromAsync(listVersions("videos", prefix))).flat();
  const uploads = await Array.fromAsync(listMultipartUploads("videos", prefix));
  return [...versions.map(({ key }) => key), ...uploads.map(({ key }) => `unfinished ${key}`)];
}

test("[C2.3] [C3.2] a claimed step becomes an object with its owner's file name, measured facts and metadata", async () => {
  const key = await givenSource(wav(5));
  expect(await runConvertStep(await claimed(key), run())).toBe("ended");

  const job = await getJob(key);
  const [output] = job.outputs;
  expect(job).toMatchObject({ status: "completed", percent: 100 });
  expect(output).toMatchObject({ name: "output.mp3", fileName: "Müsik 1.mp3", contentType: "audio/mpeg" });
  expect(output?.durationSeconds).toBeCloseTo(5, 0);
  const stored = await headObject(outputRef(key, { name: "output.mp3", role: "main" }));
  expect(stored).toMatchObject({
    sizeBytes: output?.sizeBytes,
    checksumCrc32: output?.checksumCrc32,
    contentType: "audio/mpeg",
    metadata: { job: key.jobId, source: "Müsik 1.wav", preset: "mp3", attempt: "1" },
  });
  expect(readdirSync(workDirectory)).toEqual([]);

  const { url } = await signOutput(key, { name: "output.mp3", use: "download" });
  const answer = await fetch(url, { headers: { range: "bytes=0-2" } });
  expect(answer.headers.get("content-disposition")).toContain("M%C3%BCsik%201.mp3");
  expect((await answer.arrayBuffer()).byteLength).toBe(3);
});

test("[C2.4] a file that is no media fails the job at once, with code and sentence, and leaves no object", async () => {
  const key = await givenSource(Buffer.from("PK\u0003\u0004 not a song at all".repeat(100)), "song.mp3");
  expect(await runConvertStep(await claimed(key), run())).toBe("ended");
  expect(await getJob(key)).toMatchObject({ status: "failed", failure: { code: "media.unrecognized" } });
  expect(await objectsOf(key)).toEqual([]);
});

test("a cancel stops the conversion within two seconds; no object, no upload, an empty disk", async () => {
  const key = await givenSource(wav(3600));
  const claim = await claimed(key);
  const running = runConvertStep(claim, run());
  await expect.poll(async () => (await getJob(key)).percent, { timeout: 15_000 }).toBeGreaterThan(0);
  const asked = performance.now();
  await cancelJob(key);
  expect(await running).toBe("cancelled");
  expect(performance.now() - asked).toBeLessThan(2000);
  expect((await getJob(key)).status).toBe("cancelled");
  expect((await historyOf(key)).slice(-3)).toEqual(["job.cancelling", "step.cancelled", "job.cancelled"]);
  expect(await objectsOf(key)).toEqual([]);
  expect(readdirSync(workDirectory)).toEqual([]);
}, 30_000);

test("a job that is deleted while it is converted leaves nothing behind", async () => {
  const key = await givenSource(wav(3600));
  const running = runConvertStep(await claimed(key), run());
  await expect.poll(async () => (await getJob(key)).percent, { timeout: 15_000 }).toBeGreaterThan(0);
  await removeJob(key);
  expect(["lost", "gone"]).toContain(await running);
  expect(await objectsOf(key)).toEqual([]);
}, 30_000);

test("a job that is deleted as its output is finished takes it along", async () => {
  const key = await givenSource(wav(2));
  const claim = await claimed(key);
  await removeJob(key);
  expect(await runConvertStep(claim, run())).toBe("gone");
  expect(await objectsOf(key)).toEqual([]);
});

test("an upload that was deleted before its conversion fails the job with a reason", async () => {
  const key = await givenJob("queued");
  expect(await runConvertStep(await claimed(key), run())).toBe("ended");
  expect(await getJob(key)).toMatchObject({
    status: "failed",
    failure: { message: expect.stringContaining("deleted") },
  });
});

test("an object store that fails for good queues the step again; the next attempt overwrites, and completes once", async () => {
  const key = await givenSource(wav(3));
  parts.s3.faults.add({
    kind: "refuse",
    times: 1000,
    match: ({ method, key }) => method === "PUT" && /output/.test(key),
  });
  await runConvertStep(await claimed(key), run());
  expect((await historyOf(key)).at(-1)).toBe("step.retrying");
  parts.s3.faults.clear();
  await runConvertStep(await claimed(key), run());
  expect(await getJob(key)).toMatchObject({ status: "completed" });
  expect(await objectsOf(key)).toHaveLength(1);
}, 60_000);

test("outputs carry their source's name: the main one with the new extension, others say what they are", () => {
  const main = { name: "output.mp3", role: "main" } as const;
  expect(fileNameFor("My song.final.wav", main)).toBe("My song.final.mp3");
  expect(fileNameFor("noextension", main)).toBe("noextension.mp3");
  expect(fileNameFor(".hidden", main)).toBe(".hidden.mp3");
  expect(fileNameFor("clip.mp4", { name: "poster.jpg", role: "poster" })).toBe("clip-poster.jpg");
});
