import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { base64OfCrc32 } from "@t2m/client/upload/crc32";
import { jobPrefix, objectKey } from "@t2m/contract/keys";
import type { ConversionRequestInput } from "@t2m/contract/presets";
import { headObject } from "@t2m/core/storage/objects";
import { afterAll, beforeAll, expect, test } from "vitest";
import { t2m } from "../support/command.ts";
import { convertedHere, factsOf, makeMedia, newFolder } from "../support/media.ts";
import { type OwnStack, startOwnStack } from "../support/own-stack.ts";
import { arrive, type Person } from "../support/person.ts";
import { ffmpegsIn } from "../support/processes.ts";
import { itemsOf, objectsOf, temporaryFilesOf } from "../support/stored.ts";

const partBytes = 8 * 1024 ** 2;
let stack: OwnStack;
let folder: string;
beforeAll(async () => {
  folder = await newFolder();
  stack = await startOwnStack();
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

/** Numbers of the parts that S3 has taken in, from the `from`th request on. */
const partsTaken = (from = 0) =>
  stack.requests
    .slice(from)
    .filter(({ method, query, status }) => method === "PUT" && query.has("partNumber") && status === 200)
    .filter(({ path }) => path.includes("/uploads/"))
    .map(({ query }) => Number(query.get("partNumber")));

/** Begins to convert and is killed, as hard as that goes, when S3 has the first part and others are on their way. */
async function killedInTheMiddle(person: Person, name: string, parameters: string[]): Promise<void> {
  const command = t2m(folder, stack, person.token, ["convert", name, ...parameters]);
  const killer = setInterval(() => partsTaken().length > 0 && command.process.kill("SIGKILL"), 1);
  const { signal } = await command.ended;
  clearInterval(killer);
  expect(signal).toBe("SIGKILL");
}

type Case = { source: string; result: string; request: ConversionRequestInput; parameters: string[] };

/** The whole way of a file: up, killed, up again, converted, down. Gives the job and the bytes that came back. */
async function mainJob(person: Person, { source, result, parameters }: Case) {
  stack.requests.length = 0;
  const { size } = await stat(join(folder, source));
  await killedInTheMiddle(person, source, parameters);
  const [open] = (await person.client.listUploads()).items;
  expect(open).toMatchObject({ name: source, status: "open", partCount: Math.ceil(size / partBytes) });
  const uploadId = open?.id ?? "";
  const held = await person.client.listParts({ params: { uploadId } });
  expect(held.parts.length).toBeGreaterThan(0);
  expect(held.missing.length).toBeGreaterThan(0);

  const resumedFrom = stack.requests.length;
  const { code, out } = await t2m(folder, stack, person.token, ["convert", source, ...parameters, "--json"])
    .ended;
  expect(code).toBe(0);
  const { jobId, outputs, ...said } = JSON.parse(out);
  expect(said).toEqual({ input: source, uploadId });
  expect(outputs[0]).toBe(result);
  expect(partsTaken(resumedFrom).toSorted((a, b) => a - b)).toEqual(held.missing);

  const upload = await person.client.getUpload({ params: { uploadId } });
  expect(upload).toMatchObject({ status: "completed", percent: 100, sizeBytes: size, jobIds: [jobId] });
  const job = await person.client.getJob({ params: { jobId } });
  expect(job).toMatchObject({ status: "completed", percent: 100, uploadId, sourceName: source });
  return { job, bytes: await readFile(join(folder, result)) };
}

/** What came back is what ffmpeg makes here, as the job and S3 have it too. */
async function proveIdentity(
  person: Person,
  made: Case,
  { job, bytes }: Awaited<ReturnType<typeof mainJob>>,
) {
  const [output] = job.outputs;
  const checksumCrc32 = base64OfCrc32(crc32(bytes));
  expect(bytes.equals(await convertedHere(join(folder, made.source), made.request))).toBe(true);
  expect(output).toMatchObject({ fileName: made.result, sizeBytes: bytes.length, checksumCrc32 });

  const owner = { userId: person.userId, jobId: job.id };
  const key = objectKey({ ...owner, kind: "outputs", name: output?.name ?? "" });
  expect(key.startsWith(jobPrefix(owner.userId, owner.jobId))).toBe(true);
  expect(await headObject({ bucket: "videos", key })).toMatchObject({
    sizeBytes: bytes.length,
    checksumCrc32,
    contentType: output?.contentType,
    metadata: { job: job.id, source: made.source, preset: made.request.preset },
  });
  const source = objectKey({ userId: person.userId, uploadId: job.uploadId });
  expect(await headObject({ bucket: "uploads", key: source })).toMatchObject({
    metadata: { name: made.source, upload: job.uploadId },
    checksumCrc32: base64OfCrc32(crc32(await readFile(join(folder, made.source)))),
  });
}

/** One object for each output, below the person's own prefix; nothing half done, nothing on the disk, no ffmpeg. */
async function proveTidiness(
  { userId }: Person,
  { id, uploadId, outputs }: { id: string; uploadId: string; outputs: { name: string; role: string }[] },
) {
  const mine = `users/${userId}/jobs/${id}`;
  const places = outputs.map(({ name, role }) =>
    role === "poster" ? `thumbnails/${mine}/thumbnails/${name}` : `videos/${mine}/outputs/${name}`,
  );
  expect((await objectsOf(userId)).toSorted()).toEqual(
    [`uploads/users/${userId}/uploads/${uploadId}/source`, ...places].toSorted(),
  );
  const items = await itemsOf(stack.dynamodb, userId);
  expect(items.filter((key) => key.startsWith("upload#"))).toEqual([`upload#${uploadId}`]);
  expect(items.filter((key) => key.startsWith("job#"))).toEqual([`job#${id}`]);
  expect(ffmpegsIn(stack.directory)).toEqual([]);
  expect(temporaryFilesOf(stack.directory)).toEqual([]);
}

test("[C8.3] [C3.1] [C3.2] [C5.4] [C5.5] a sound whose upload is killed is resumed, converted, downloaded: only missing parts are sent, the bytes are ffmpeg's own", async () => {
  const made: Case = {
    source: "Träume 1.wav",
    result: "Träume 1.mp3",
    request: { preset: "mp3", options: { bitrateKbps: 128 } },
    parameters: ["--to", "mp3", "--option", "bitrateKbps=128"],
  };
  const tone = ["-f", "lavfi", "-i", "aevalsrc=sin(440*t*t)|cos(330*t):s=96000:d=48", "-c:a", "pcm_f64le"];
  await makeMedia(join(folder, made.source), ...tone);
  const person = await arrive(stack);
  const done = await mainJob(person, made);
  await proveIdentity(person, made, done);
  await proveTidiness(person, done.job);

  const [output] = done.job.outputs;
  const facts = await factsOf(join(folder, made.result));
  expect(facts).toMatchObject({ audio: [{ codec: "mp3", channels: 2 }], video: [] });
  expect(facts.durationSeconds).toBeCloseTo(48, 0);
  expect(output).toMatchObject({ durationSeconds: facts.durationSeconds, audioCodec: "mp3", role: "main" });
});

test("[C8.3] [C3.1] [C3.2] [C5.4] [C5.5] [V1.2] a film whose upload is killed is resumed, converted, downloaded with its thumbnail, all laid out by user and job", async () => {
  const made: Case = {
    source: "film.mp4",
    result: "film.mp4",
    request: { preset: "mp4", options: { widthPixels: 160, quality: "low" } },
    parameters: ["--to", "mp4", "--option", "widthPixels=160", "--option", "quality=low"],
  };
  const noisy = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=8,noise=alls=80:allf=t"];
  const tone = ["-f", "lavfi", "-i", "sine=f=440:r=44100:d=8"];
  const path = await makeMedia(join(folder, made.source), ...noisy, ...tone, "-c:v", "mpeg4", "-q:v", "1");
  const person = await arrive(stack);
  const done = await mainJob(person, { ...made, result: "film (1).mp4" });
  await proveTidiness(person, done.job);
  await proveIdentity(person, made, done);

  const [output, poster] = done.job.outputs;
  const facts = await factsOf(join(folder, "film (1).mp4"));
  expect(facts).toMatchObject({ audio: [{ codec: "aac" }], video: [{ codec: "h264", widthPixels: 160 }] });
  expect(facts.durationSeconds).toBeCloseTo((await factsOf(path)).durationSeconds ?? 0, 1);
  const { durationSeconds } = facts;
  expect(output).toMatchObject({ durationSeconds, videoCodec: "h264", widthPixels: 160, heightPixels: 90 });
  expect(poster).toMatchObject({ role: "poster", fileName: "film-poster.jpg", contentType: "image/jpeg" });
});
