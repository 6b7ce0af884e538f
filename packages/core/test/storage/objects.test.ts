import { randomBytes } from "node:crypto";
import {
  headObject,
  NotFound,
  type ObjectRef,
  PreconditionFailed,
  putObject,
  readObject,
  readRange,
  tagObject,
} from "@t2m/core/storage/objects";
import { deleteAllVersions, listVersions } from "@t2m/core/storage/versions";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { crc32Of, type Parts, startParts } from "../support/parts.ts";

let parts: Parts;
beforeAll(async () => {
  parts = await startParts();
});
afterAll(() => parts.stop());
afterEach(() => parts.ownS3.faults.clear());

async function collect(ref: ObjectRef, startByte: number, endByte: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const { signal } = new AbortController();
  await readRange(ref, { startByte, endByte, signal }, (chunk) => chunks.push(Buffer.from(chunk)));
  return Buffer.concat(chunks);
}

test("[C3.1] an object keeps its type and metadata, whatever the alphabet", async () => {
  const ref = { bucket: "uploads", key: "users/u/uploads/1/source" } as const;
  const metadata = { name: "Übung №1 (final).wav" };
  await putObject({ ...ref, body: "hello", contentType: "audio/wav", metadata, tags: { stage: "a b" } });
  await tagObject(ref, { expired: "<yes>" });
  expect(await headObject(ref)).toMatchObject({ sizeBytes: 5, contentType: "audio/wav", metadata });
  expect((await readObject(ref)).toString()).toBe("hello");
  expect(await headObject({ ...ref, key: "users/u/nothing" })).toBeUndefined();
  await expect(readObject({ ...ref, key: "users/u/nothing" })).rejects.toThrow(NotFound);
});

test("an object that must be new does not replace one", async () => {
  const object = {
    bucket: "temp",
    key: "work/once.json",
    body: "1",
    contentType: "application/json",
    ifNoneMatch: "*",
  } as const;
  await putObject(object);
  await expect(putObject({ ...object, body: "2" })).rejects.toThrow(PreconditionFailed);
  expect((await readObject(object)).toString()).toBe("1");
});

test("a range streams exactly its bytes, and ends at once when its reader gives up", async () => {
  const ref = { bucket: "uploads", key: "users/u/uploads/2/source" } as const;
  const bytes = randomBytes(3_000_000);
  await putObject({ ...ref, body: bytes, contentType: "audio/wav" });
  const range = await collect(ref, 1_000, 2_000_999);
  expect(crc32Of(range)).toBe(crc32Of(bytes.subarray(1_000, 2_001_000)));

  const giveUp = new AbortController();
  let taken = 0;
  const whole = { startByte: 0, endByte: bytes.length - 1, signal: giveUp.signal };
  const reading = readRange(ref, whole, (chunk) => {
    taken += chunk.length;
    giveUp.abort();
  });
  await expect(reading).rejects.toThrow("aborted");
  expect(taken).toBeLessThan(bytes.length);
});

test("a body that is cut off is an error, never a short read", async () => {
  const ref = { bucket: "uploads", key: "users/u/uploads/3/source" } as const;
  await putObject({ ...ref, body: randomBytes(200_000), contentType: "audio/wav" });
  parts.ownS3.faults.add({
    kind: "cut",
    times: 10,
    afterBytes: 100_000,
    match: ({ method }) => method === "GET",
  });
  await expect(collect(ref, 0, 199_999)).rejects.toThrow();
});

test("[V1.5] a call the object store refuses or drops is repeated with backoff, and logged", async () => {
  const ref = { bucket: "uploads", key: "users/u/uploads/4/source" } as const;
  parts.ownS3.faults.add({ kind: "refuse" });
  parts.ownS3.faults.add({ kind: "mute" });
  await putObject({ ...ref, body: "kept", contentType: "audio/wav" });
  const tries = parts.s3Requests.filter(({ method, path }) => method === "PUT" && path.endsWith(ref.key));
  expect(tries).toHaveLength(3);
  expect((await readObject(ref)).toString()).toBe("kept");
});

test("[C3.4] deleting a prefix takes every version and delete marker, over several pages, and nothing else", async () => {
  const keys = Array.from({ length: 7 }, (_, index) => `users/a/jobs/1/outputs/${index}&'".mp3`);
  for (const key of keys) await putObject({ bucket: "videos", key, body: "12", contentType: "audio/mpeg" });
  await putObject({ bucket: "videos", key: keys[0] ?? "", body: "345", contentType: "audio/mpeg" });
  await putObject({
    bucket: "videos",
    key: "users/a/jobs/10/outputs/x",
    body: "12",
    contentType: "audio/mpeg",
  });

  expect(await deleteAllVersions("videos", "users/a/jobs/1/", 3)).toEqual({ versions: 8, sizeBytes: 17 });
  expect(await deleteAllVersions("videos", "users/a/jobs/1/")).toEqual({ versions: 0, sizeBytes: 0 });
  const left = (await Array.fromAsync(listVersions("videos", "users/a/"))).flat();
  expect(left.map(({ key }) => key)).toEqual(["users/a/jobs/10/outputs/x"]);
});
