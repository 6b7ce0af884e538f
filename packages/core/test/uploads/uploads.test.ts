import { objectKey, uploadPrefix } from "@t2m/contract/keys";
import { Upload } from "@t2m/contract/uploads";
import { config } from "@t2m/core/config";
import { getJob } from "@t2m/core/jobs/get";
import { submitJob } from "@t2m/core/jobs/submit";
import { uploadItemKey } from "@t2m/core/live/keys";
import { getItem, updateItem } from "@t2m/core/live/table";
import { completeMultipart, uploadPart } from "@t2m/core/storage/multipart";
import { listMultipartUploads, listParts } from "@t2m/core/storage/multipart-lists";
import { headObject } from "@t2m/core/storage/objects";
import { abortUpload } from "@t2m/core/uploads/abort";
import { completeUpload } from "@t2m/core/uploads/complete";
import { createUpload } from "@t2m/core/uploads/create";
import { getUpload } from "@t2m/core/uploads/get";
import { listUploads } from "@t2m/core/uploads/list";
import { recordPart } from "@t2m/core/uploads/record-part";
import { signParts } from "@t2m/core/uploads/sign";
import { markStored } from "@t2m/core/uploads/stored";
import { listStoredParts } from "@t2m/core/uploads/stored-parts";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod/mini";
import { crc32Of, type Parts, startParts } from "../support/parts.ts";
import { begin, bytesOf, newUpload, putPart, someone } from "./support.ts";

let parts: Parts;
beforeAll(async () => {
  parts = await startParts();
});
afterAll(() => parts.stop());

const mp3 = { preset: "mp3", options: {} } as never;
const sourceOf = (userId: string, uploadId: string) =>
  ({ bucket: "uploads", key: objectKey({ userId, uploadId }) }) as const;

test("[C1.1] [C1.3] [C8.1] [C5.1] [C5.2] [C5.3] an upload counts its parts and reads 100 only once S3 has joined them", async () => {
  const userId = someone();
  const upload = await begin(userId, { name: "Träume.wav" });
  expect(z.parse(Upload, upload)).toMatchObject({
    status: "open",
    partCount: 2,
    partsCompleted: 0,
    percent: 0,
  });
  for (const number of [2, 1]) expect(await putPart(userId, upload, number)).toBe(200);

  const key = { userId, uploadId: upload.id };
  expect(await recordPart({ ...key, partNumber: 2 })).toMatchObject({
    partsCompleted: 1,
    bytesCompleted: 10,
    percent: 0,
  });
  expect(await recordPart({ ...key, partNumber: 2 })).toMatchObject({
    partsCompleted: 1,
    bytesCompleted: 10,
  });
  const all = await recordPart({ ...key, partNumber: 1 });
  expect(all).toMatchObject({
    status: "open",
    partsCompleted: 2,
    bytesCompleted: upload.sizeBytes,
    percent: 99.9,
  });
  expect(await getUpload(key)).toEqual(all);

  const done = await completeUpload(key);
  expect(done).toMatchObject({ status: "completed", partsCompleted: 2, percent: 100 });
  expect(await completeUpload(key)).toEqual(done);
  expect(await getUpload(key)).toEqual(done);
  const bytes = Buffer.concat([bytesOf(upload, 1), bytesOf(upload, 2)]);
  expect(await headObject(sourceOf(userId, upload.id))).toMatchObject({
    sizeBytes: upload.sizeBytes,
    contentType: "audio/wav",
    checksumCrc32: crc32Of(bytes),
    metadata: { name: "Träume.wav", upload: upload.id },
  });
  await expect(recordPart({ ...key, partNumber: 1 })).rejects.toMatchObject({ code: "upload.not_open" });
  await expect(putPart(userId, upload, 1)).rejects.toMatchObject({ code: "upload.not_open" });
});

test("[C5.4] [C5.5] a resume goes by what S3 holds, not by what was said", async () => {
  const userId = someone();
  const upload = await begin(userId, { sizeBytes: 2 * 8 * 1024 ** 2 + 5 });
  const key = { userId, uploadId: upload.id };
  await putPart(userId, upload, 1);
  await putPart(userId, upload, 3);
  await recordPart({ ...key, partNumber: 2 });
  await parts.stopS3();
  await parts.restartS3();

  const stored = await listStoredParts(key);
  expect(stored.parts.map(({ partNumber, sizeBytes }) => [partNumber, sizeBytes])).toEqual([
    [1, 8_388_608],
    [3, 5],
  ]);
  expect(stored.missing).toEqual([2]);
  expect(await getUpload(key)).toMatchObject({ partsCompleted: 2, bytesCompleted: 8_388_613 });
  await expect(completeUpload(key)).rejects.toMatchObject({
    code: "upload.incomplete",
    problems: [{ path: "part 2", message: "is missing" }],
  });
  const item = await getItem(uploadItemKey(userId, upload.id));
  const short = Buffer.alloc(3);
  await uploadPart(sourceOf(userId, upload.id), String(item?.multipartId), 2, short, crc32Of(short));
  expect((await listStoredParts(key)).missing).toEqual([2]);
  await expect(completeUpload(key)).rejects.toMatchObject({
    code: "upload.incomplete",
    problems: [{ path: "part 2", message: "has 3 bytes instead of 8388608" }],
  });
  await putPart(userId, upload, 2);
  expect(await completeUpload(key)).toMatchObject({ status: "completed", percent: 100 });
});

test("completing goes on where a request died: after S3 joined the parts, and when S3's event came first", async () => {
  const userId = someone();
  const [died, raced] = [await begin(userId, { sizeBytes: 3 }), await begin(userId, { sizeBytes: 3 })];
  for (const upload of [died, raced]) await putPart(userId, upload, 1);
  const item = await getItem(uploadItemKey(userId, died.id));
  const source = sourceOf(userId, died.id);
  const held = await listParts(source, String(item?.multipartId));
  await completeMultipart(source, String(item?.multipartId), held, { sizeBytes: 3 });
  expect(await completeUpload({ userId, uploadId: died.id })).toMatchObject({
    status: "completed",
    percent: 100,
  });

  const event = { userId, uploadId: raced.id, sizeBytes: 3, etag: "e" };
  expect(await markStored(event)).toMatchObject({ status: "completed", etag: "e" });
  expect(await markStored({ ...event, etag: "f" })).toMatchObject({ status: "completed", etag: "e" });
  expect(await completeUpload({ userId, uploadId: raced.id })).toMatchObject({ status: "completed" });
  expect(await markStored({ ...event, uploadId: source.key })).toBeUndefined();
});

test("completed at the same moment by many, an upload is completed once and everybody hears so", async () => {
  const userId = someone();
  const upload = await begin(userId, { sizeBytes: 3 });
  await putPart(userId, upload, 1);
  const key = { userId, uploadId: upload.id };
  const answers = await Promise.all([1, 2, 3, 4].map(() => completeUpload(key)));
  expect(new Set(answers.map(({ completedAt }) => completedAt)).size).toBe(1);
});

test("completion keeps an upload for its whole time again", async () => {
  const userId = someone();
  const upload = await begin(userId, { sizeBytes: 3 });
  await putPart(userId, upload, 1);
  const soon = Math.floor(Date.now() / 1000) + 60;
  await updateItem(uploadItemKey(userId, upload.id), {
    expression: "SET expiresAt = :soon",
    values: { ":soon": soon },
  });
  const done = await completeUpload({ userId, uploadId: upload.id });
  expect(Date.parse(done.expiresAt) / 1000 - soon).toBeGreaterThan(config().retentionSeconds - 120);
});

test("an upload stays at least as long as the last job that was made of it", async () => {
  const userId = someone();
  const upload = await begin(userId, { sizeBytes: 3 });
  await putPart(userId, upload, 1);
  const key = { userId, uploadId: upload.id };
  await completeUpload(key);
  const soon = Math.floor(Date.now() / 1000) + 60;
  const shorten = { expression: "SET expiresAt = :soon", values: { ":soon": soon } };
  await updateItem(uploadItemKey(userId, upload.id), shorten);
  const { job } = await submitJob({ userId, request: { uploadId: upload.id, conversion: mp3 } });
  expect((await getUpload(key)).expiresAt).toBe(job.expiresAt);
});

test("aborting frees the parts, ends the jobs and leaves nothing of the upload", async () => {
  const userId = someone();
  const { created } = await createUpload({
    userId,
    request: newUpload({ sizeBytes: 3, conversions: [mp3, mp3] }),
  });
  const { upload, jobs } = created;
  expect(jobs.map(({ status }) => status)).toEqual(["waiting", "waiting"]);
  expect(upload.jobIds).toEqual(jobs.map(({ id }) => id));
  await putPart(userId, upload, 1);
  const key = { userId, uploadId: upload.id };
  await abortUpload(key);
  for (const { id } of jobs)
    expect(await getJob({ userId, jobId: id })).toMatchObject({ status: "cancelled" });
  expect(await Array.fromAsync(listMultipartUploads("uploads", uploadPrefix(userId, upload.id)))).toEqual([]);
  for (const verb of [getUpload, completeUpload, abortUpload, listStoredParts]) {
    await expect(verb(key)).rejects.toMatchObject({ code: "not_found" });
  }
});

test("a completed upload may be deleted, too", async () => {
  const userId = someone();
  const upload = await begin(userId, { sizeBytes: 3 });
  await putPart(userId, upload, 1);
  const key = { userId, uploadId: upload.id };
  await completeUpload(key);
  await abortUpload(key);
  await expect(getUpload(key)).rejects.toMatchObject({ code: "not_found" });
});

test("an Idempotency-Key makes one upload, however often and however fast it is said", async () => {
  const userId = someone();
  const request = newUpload({ conversions: [mp3] });
  const input = { userId, request, idempotencyKey: "once" };
  const answers = await Promise.all([1, 2, 3].map(() => createUpload(input)));
  expect(new Set(answers.map(({ created }) => created.upload.id)).size).toBe(1);
  expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
  const again = await createUpload(input);
  expect(again).toMatchObject({ isNew: false, created: answers[0]?.created });
  expect(await Array.fromAsync(listMultipartUploads("uploads", `users/${userId}/`))).toHaveLength(1);

  const other = createUpload({ ...input, request: { ...request, sizeBytes: 4 } });
  await expect(other).rejects.toMatchObject({ code: "idempotency.mismatch" });
  expect((await createUpload({ ...input, userId: someone() })).isNew).toBe(true);
});

test("[C1.5] nobody else's upload can be read, signed, recorded, completed, aborted or listed", async () => {
  const [owner, stranger] = [someone(), someone()];
  const upload = await begin(owner);
  await putPart(owner, upload, 1);
  const key = { userId: stranger, uploadId: upload.id };
  const verbs: Record<string, () => Promise<unknown>> = {
    getUpload: () => getUpload(key),
    signParts: () => signParts({ ...key, parts: [{ partNumber: 1, checksumCrc32: "AAAAAA==" }] }),
    listStoredParts: () => listStoredParts(key),
    recordPart: () => recordPart({ ...key, partNumber: 1 }),
    completeUpload: () => completeUpload(key),
    abortUpload: () => abortUpload(key),
  };
  for (const [name, verb] of Object.entries(verbs)) {
    await expect(verb(), name).rejects.toMatchObject({
      code: "not_found",
      detail: "There is no such upload.",
    });
  }
  expect((await listUploads({ userId: stranger, page: { limit: 10 } })).items).toEqual([]);
  expect((await listStoredParts({ ...key, userId: owner })).parts).toHaveLength(1);
});

test("a list goes from the newest back, page by page", async () => {
  const userId = someone();
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) ids.unshift((await begin(userId, { sizeBytes: 1 })).id);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listUploads({ userId, page: cursor ? { limit: 2, cursor } : { limit: 2 } });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.cursor;
  } while (cursor);
  expect(seen).toEqual(ids);
  const bad = listUploads({ userId, page: { limit: 2, cursor: "../x" } });
  await expect(bad).rejects.toMatchObject({ code: "request.invalid", problems: [{ path: "query.cursor" }] });
});

test("parts beyond the plan are neither signed nor recorded", async () => {
  const userId = someone();
  const upload = await begin(userId);
  const key = { userId, uploadId: upload.id };
  const checksumCrc32 = "AAAAAA==";
  const signing = signParts({
    ...key,
    parts: [
      { partNumber: 1, checksumCrc32 },
      { partNumber: 3, checksumCrc32 },
    ],
  });
  await expect(signing).rejects.toMatchObject({
    code: "upload.part_unknown",
    problems: [{ path: "part 3" }],
  });
  await expect(recordPart({ ...key, partNumber: 3 })).rejects.toMatchObject({ code: "upload.part_unknown" });
});

test("a file of S3's own limit is planned in 10,000 parts of 5 GiB; its item stays small when all are recorded", async () => {
  const userId = someone();
  const sizeBytes = 10_000 * 5 * 1024 ** 3;
  const maximumUploadBytes = config().maximumUploadBytes;
  config().maximumUploadBytes = sizeBytes;
  const upload = await begin(userId, { sizeBytes });
  config().maximumUploadBytes = maximumUploadBytes;
  expect(upload).toMatchObject({ partCount: 10_000, partBytes: 5 * 1024 ** 3 });
  const all = new Set(Array.from({ length: 10_000 }, (_, index) => index + 1));
  const key = { userId, uploadId: upload.id };
  await updateItem(uploadItemKey(userId, upload.id), {
    expression: "SET parts = :all",
    values: { ":all": all },
  });
  expect(await recordPart({ ...key, partNumber: 10_000 })).toMatchObject({
    partsCompleted: 10_000,
    percent: 99.9,
  });
  await expect(completeUpload(key)).rejects.toMatchObject({ code: "upload.incomplete" });
  expect(await getUpload(key)).toMatchObject({ partsCompleted: 0 });
});
