import { rm } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { base64OfCrc32 } from "@t2m/client/upload/crc32";
import { finalStatuses, type Job } from "@t2m/contract/jobs";
import { bytesOfPart } from "@t2m/contract/limits";
import { until } from "@t2m/local/processes/wait";
import { afterAll, beforeAll, expect, test } from "vitest";
import { film, makeMedia, newFolder, noise } from "../support/media.ts";
import { type OwnStack, startOwnStack } from "../support/own-stack.ts";
import { arrive } from "../support/person.ts";
import { uploaded } from "../support/uploading.ts";

let folder: string;
let stack: OwnStack;
let long: string;
beforeAll(async () => {
  folder = await newFolder();
  long = await makeMedia(join(folder, "long.wav"), ...noise(900));
  stack = await startOwnStack();
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

/** What DynamoDB is asked while `ask` runs, but for the ended sessions, which a sandbox reads once in 45 seconds. */
async function askedDuring<T>(ask: () => Promise<T>): Promise<{ answer: T; operations: string[] }> {
  const from = stack.door.asked.length;
  const answer = await ask();
  const asked = stack.door.asked.slice(from).filter(({ body }) => !body.includes("revocations"));
  return { answer, operations: asked.map(({ operation }) => operation) };
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

test("[C1.2] [C5.2] [C5.3] each part moves an upload's percentage, and seeing it costs one read and no time to speak of", async () => {
  const { client } = await arrive(stack);
  const sizeBytes = 3 * 8 * 1024 ** 2 + 1000;
  const body = { name: "long.wav", type: "audio/wav", sizeBytes };
  const { upload } = await client.createUpload({ body });
  const params = { uploadId: upload.id };
  const numbers = [4, 2, 1, 3];
  const bytes = new Map(
    numbers.map((number) => [number, Buffer.alloc(bytesOfPart(number, sizeBytes, upload.partBytes), number)]),
  );
  const wanted = [...bytes].map(([partNumber, part]) => ({
    partNumber,
    checksumCrc32: base64OfCrc32(crc32(part)),
  }));
  const { parts } = await client.signParts({ params, body: { parts: wanted } });
  const seen: [parts: number, percent: number][] = [];
  const milliseconds: number[] = [];
  for (const { partNumber, url, headers } of parts) {
    const sent = await fetch(url, { method: "PUT", headers, body: bytes.get(partNumber) ?? null });
    expect(sent.status).toBe(200);
    await client.recordPart({ params: { ...params, partNumber } });
    const began = performance.now();
    const { answer, operations } = await askedDuring(() => client.getUpload({ params }));
    milliseconds.push(performance.now() - began);
    expect(operations).toEqual(["GetItem"]);
    seen.push([answer.partsCompleted, answer.percent]);
  }
  // In tenths; 100 is said of what S3 has put together alone.
  expect(seen).toEqual([
    [1, 0],
    [2, 33.3],
    [3, 66.6],
    [4, 99.9],
  ]);
  expect(median(milliseconds)).toBeLessThan(1_000);
  expect(await client.completeUpload({ params })).toMatchObject({ status: "completed", percent: 100 });
});

test("[C2.2] [C2.3] [C2.5] ffmpeg's progress moves a job's percentage from 0 to 100; each poll is one read, and quick", async () => {
  const person = await arrive(stack);
  const path = await makeMedia(join(folder, "spoken.wav"), ...noise(400));
  const { jobId } = await uploaded(person, path, [{ preset: "podcast" }]);
  const jobs: Job[] = [];
  const milliseconds: number[] = [];
  await until("the job ends", 30_000, async () => {
    const began = performance.now();
    const job = await person.client.getJob({ params: { jobId } });
    milliseconds.push(performance.now() - began);
    jobs.push(job);
    return finalStatuses.includes(job.status);
  });
  const percents = jobs.map(({ percent }) => percent);
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  const between = new Set(percents.filter((percent) => percent > 0 && percent < 100));
  expect(between.size).toBeGreaterThanOrEqual(2);
  for (const { status, percent } of jobs) expect(percent === 100).toBe(status === "completed");
  expect(jobs.at(-1)).toMatchObject({ status: "completed", percent: 100 });
  expect(median(milliseconds)).toBeLessThan(500);

  // Nothing else is under way now.
  const polls = 20;
  const { operations } = await askedDuring(async () => {
    for (let poll = 0; poll < polls; poll++) await person.client.getJob({ params: { jobId } });
  });
  expect(operations).toEqual(Array.from({ length: polls }, () => "GetItem"));
});

/** The ids of a connection's messages; it is cut after `limit` of them. */
async function idsOf(url: string, token: string, after: number, limit: number): Promise<number[]> {
  const cut = new AbortController();
  const headers = { authorization: `Bearer ${token}`, ...(after > 0 && { "last-event-id": String(after) }) };
  const response = await fetch(url, { headers, signal: cut.signal });
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const ids: number[] = [];
  let text = "";
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece;
    const whole = text.split("\n\n").slice(0, -1);
    ids.splice(
      0,
      ids.length,
      ...whole.flatMap((block) => /^id: (\d+)$/m.exec(block)?.slice(1).map(Number) ?? []),
    );
    if (ids.length >= limit) break;
  }
  cut.abort();
  return ids.slice(0, limit);
}

test("[A2.3] a stream of events that is cut after each message and taken up again loses none and repeats none", async () => {
  const person = await arrive(stack);
  const { jobId } = await uploaded(person, long);
  const url = `${stack.apiUrl}/jobs/${jobId}/events`;
  const ids: number[] = [];
  await until("the stream is at its end", 30_000, async () => {
    const more = await idsOf(url, person.token, ids.at(-1) ?? 0, 1);
    ids.push(...more);
    return more.length === 0;
  });
  const { version, status } = await person.client.getJob({ params: { jobId } });
  expect(status).toBe("completed");
  expect(ids).toEqual(Array.from({ length: version }, (_, index) => index + 1));
  expect(await idsOf(url, person.token, 0, 100)).toEqual(ids);
});

test("[VD.5] a film's thumbnail is a picture, which its owner sees by a URL that ends", async () => {
  const person = await arrive(stack);
  const path = await makeMedia(join(folder, "film.mp4"), ...film(2));
  const { jobId } = await uploaded(person, path, [{ preset: "mp4" }]);
  const { outputs } = await person.ended(jobId);
  const poster = outputs.find(({ role }) => role === "poster");
  expect(poster).toMatchObject({
    fileName: "film-poster.jpg",
    contentType: "image/jpeg",
    widthPixels: 320,
    heightPixels: 180,
  });
  const params = { jobId, name: poster?.name ?? "" };
  const { url, expiresAt } = await person.client.signOutput({ params, query: { for: "play" } });
  const picture = await fetch(url);
  expect(picture.headers.get("content-type")).toBe("image/jpeg");
  const bytes = Buffer.from(await picture.arrayBuffer());
  expect(base64OfCrc32(crc32(bytes))).toBe(poster?.checksumCrc32);
  expect(bytes.subarray(0, 3).toString("hex")).toBe("ffd8ff");
  expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(2 * 3600_000);
});
