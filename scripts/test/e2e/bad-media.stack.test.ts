import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileSource } from "@t2m/client/node/file";
import { ApiProblem } from "@t2m/client/problem";
import { upload } from "@t2m/client/upload/upload";
import type { FailureCode } from "@t2m/contract/failures";
import type { PresetId } from "@t2m/contract/presets";
import { afterAll, beforeAll, expect, test } from "vitest";
import { film, makeMedia, newFolder, noise } from "../support/media.ts";
import { type OwnStack, startOwnStack } from "../support/own-stack.ts";
import { arrive, type Person } from "../support/person.ts";
import { ffmpegsIn } from "../support/processes.ts";
import { objectsOf, temporaryFilesOf } from "../support/stored.ts";

// Whoever asks here was led by a file.
const visits: string[] = [];
const canary = createServer((request, response) => {
  visits.push(request.url ?? "");
  response.end();
});
let canaryUrl = "";
let folder: string;
let stack: OwnStack;
let person: Person;

beforeAll(async () => {
  folder = await newFolder();
  await once(canary.listen(0, "127.0.0.1"), "listening");
  const address = canary.address();
  canaryUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/song.mp3`;
  await fetch(canaryUrl);
  expect(visits.splice(0)).toEqual(["/song.mp3"]);
  stack = await startOwnStack();
  person = await arrive(stack);
});
afterAll(async () => {
  await stack.stop();
  canary.close();
  await rm(folder, { recursive: true });
});

const made = async (name: string, ...args: string[]) =>
  await readFile(await makeMedia(join(folder, `made-${name}`), ...args));
const cut = (bytes: Buffer, share: number) => bytes.subarray(0, Math.floor(bytes.length * share) | 1);

async function damagedFilm(): Promise<Buffer> {
  const bytes = await made("damaged.mp4", ...film(3), "-movflags", "+faststart");
  return bytes.fill(0xa5, bytes.indexOf("mdat", 0, "latin1") + 400);
}

async function daysSilence(): Promise<Buffer> {
  const silence = ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono:d=600", "-c:a", "alac"];
  const minutes = await makeMedia(join(folder, "minutes.m4a"), ...silence);
  return await made("day.m4a", "-stream_loop", "144", "-i", minutes, "-c", "copy", "-t", "86400");
}

type Case = {
  what: string;
  name: string;
  code: FailureCode;
  to?: PresetId;
  speaks?: true;
  bytes: () => Buffer | Promise<Buffer>;
};
const cases: Case[] = [
  {
    what: "a zip",
    name: "song.mp3",
    code: "media.unrecognized",
    bytes: () => Buffer.from("PK\x03\x04\x14\0\0\0\x08\0 a zip, whatever it is called"),
  },
  {
    what: "a letter",
    name: "letter.wav",
    code: "media.unrecognized",
    bytes: () => Buffer.from("Dear reader, this is no music.\n".repeat(99)),
  },
  { what: "one byte", name: "short.mp3", code: "media.unrecognized", bytes: () => Buffer.from("R") },
  {
    what: "a playlist of a server",
    name: "list.mp3",
    code: "media.unrecognized",
    bytes: () => Buffer.from(`#EXTM3U\n#EXTINF:1,\n${canaryUrl}\n#EXT-X-ENDLIST\n`),
  },
  {
    what: "a playlist of a file here",
    name: "local.mp3",
    code: "media.unrecognized",
    bytes: () => Buffer.from(`#EXTM3U\n#EXTINF:1,\nfile://${folder}/made-whole.wav\n#EXT-X-ENDLIST\n`),
  },
  {
    what: "a list to join",
    name: "join.wav",
    code: "media.unrecognized",
    bytes: () => Buffer.from(`ffconcat version 1.0\nfile '${canaryUrl}'\nfile '/etc/passwd'\n`),
  },
  {
    what: "a playlist behind the beginning of an MP3",
    name: "hidden.mp3",
    code: "media.unrecognized",
    bytes: () => Buffer.from(`ID3\x04\0\0\0\0\0\0#EXTM3U\n#EXTINF:1,\n${canaryUrl}\n`),
  },
  {
    what: "a WAV that breaks off",
    name: "broken.wav",
    code: "media.truncated",
    bytes: async () => cut(await made("whole.wav", ...noise(3)), 0.6),
  },
  {
    what: "an MP4 that breaks off",
    name: "broken.mp4",
    to: "mp4",
    code: "media.truncated",
    bytes: async () => cut(await made("whole.mp4", ...film(2)), 0.6),
  },
  {
    what: "an MP4 that is whole outside and damaged inside",
    name: "damaged.mp4",
    to: "webm",
    code: "media.truncated",
    speaks: true,
    bytes: damagedFilm,
  },
  { what: "a day of silence in a small file", name: "day.m4a", code: "media.too_long", bytes: daysSilence },
  {
    what: "a picture of absurd size",
    name: "huge.mkv",
    to: "mp4",
    code: "media.too_large",
    bytes: () => made("huge.mkv", "-f", "lavfi", "-i", "color=s=8200x4400:r=25:d=0.04", "-c:v", "mjpeg"),
  },
  {
    what: "a film without sound as MP3",
    name: "silent.mp4",
    code: "media.no_audio",
    bytes: () => made("silent.mp4", ...film(1), "-an"),
  },
];

test.each(cases)(
  "[C2.4] $what ($name) fails its job with $code, a sentence for people, and leaves nothing behind",
  async ({ name, code, to = "mp3", speaks = false, bytes }) => {
    const path = join(folder, name);
    await writeFile(path, await bytes());
    const sent = await upload(person.client, await fileSource(path), { conversions: [{ preset: to }] })
      .finished;
    const job = await person.ended(sent.jobIds[0] ?? "");

    expect(job).toMatchObject({ status: "failed", outputs: [], failure: { code } });
    const { message = "", log } = job.failure ?? {};
    expect(message).toMatch(/^[A-Z].*\.$/);
    expect(message).not.toMatch(/ffmpeg|ffprobe|127\.0\.0\.1|\/tmp|Error/);
    expect(log ?? "").not.toMatch(/127\.0\.0\.1|\/tmp|AWS/);
    if (speaks) expect(log).toMatch(/\S/);
    expect(visits).toEqual([]);
    expect(await objectsOf(person.userId, ["videos", "thumbnails", "temp"])).toEqual([]);
    await expect.poll(() => ffmpegsIn(stack.directory)).toEqual([]);
    expect(temporaryFilesOf(stack.directory)).toEqual([]);
  },
);

test("[C2.4] a job that failed said so once, as its last event, and was not tried again", async () => {
  const { items } = await person.client.listJobs({ query: { limit: "100" } });
  expect(items).toHaveLength(cases.length);
  for (const { id, failure } of items) {
    const updates = await Array.fromAsync(person.client.streamJob({ params: { jobId: id } }));
    const events = updates.flatMap((update) => (update.type === "event" ? [update.event] : []));
    expect(events.map(({ type }) => type)).toEqual([
      "job.created",
      "job.queued",
      "step.started",
      "step.failed",
      "job.failed",
    ]);
    expect(events.at(-1)?.failure).toEqual(failure);
  }
  expect(stack.failures.list()).toEqual([]);
});

test("an empty file is refused before anything of it is stored", async () => {
  const somebody = await arrive(stack);
  const body = { name: "empty.wav", type: "audio/wav", sizeBytes: 0 };
  const refusal = await somebody.client.createUpload({ body }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ApiProblem);
  expect(refusal).toMatchObject({
    status: 400,
    problems: [{ path: "sizeBytes", message: "the file is empty: there is nothing to convert" }],
  });
  expect(await objectsOf(somebody.userId)).toEqual([]);
});

test("the converter that met all these still converts", async () => {
  const path = await makeMedia(join(folder, "good.wav"), ...noise(2));
  const sent = await upload(person.client, await fileSource(path), { conversions: [{ preset: "mp3" }] })
    .finished;
  expect(await person.ended(sent.jobIds[0] ?? "")).toMatchObject({ status: "completed", percent: 100 });
});
