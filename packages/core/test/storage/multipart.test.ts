import { randomBytes } from "node:crypto";
import {
  abortMultipart,
  ContentMismatch,
  completeMultipart,
  createMultipart,
  NotFound,
  uploadPart,
} from "@t2m/core/storage/multipart";
import { listMultipartUploads, listParts } from "@t2m/core/storage/multipart-lists";
import { headObject, readObject } from "@t2m/core/storage/objects";
import { afterAll, beforeAll, expect, test } from "vitest";
import { crc32Of, type Parts, startParts } from "../support/parts.ts";

let parts: Parts;
beforeAll(async () => {
  parts = await startParts();
});
afterAll(() => parts.stop());

const fiveMiB = 5 * 1024 ** 2;

test("[C3.1] parts become one object with its type, metadata and a checksum over all bytes", async () => {
  const ref = { bucket: "uploads", key: "users/u/uploads/a/source" } as const;
  const bytes = randomBytes(fiveMiB + 7);
  const id = await createMultipart(ref, { contentType: "video/mp4", metadata: { name: "é.mp4" } });
  const pieces = [bytes.subarray(0, fiveMiB), bytes.subarray(fiveMiB)];
  const joined = [];
  for (const [index, piece] of pieces.entries()) {
    const checksumCrc32 = crc32Of(piece);
    joined.push({
      partNumber: index + 1,
      checksumCrc32,
      ...(await uploadPart(ref, id, index + 1, piece, checksumCrc32)),
    });
  }
  expect(await listParts(ref, id)).toEqual(
    joined.map((part, index) => ({ ...part, sizeBytes: pieces[index]?.length })),
  );

  await expect(completeMultipart(ref, id, joined, { sizeBytes: bytes.length + 1 })).rejects.toThrow(
    ContentMismatch,
  );
  const whole = { sizeBytes: bytes.length, checksumCrc32: crc32Of(bytes) };
  const { etag } = await completeMultipart(ref, id, joined, whole);
  expect(await headObject(ref)).toEqual({
    ...whole,
    etag,
    contentType: "video/mp4",
    metadata: { name: "é.mp4" },
  });
  expect(bytes.equals(await readObject(ref))).toBe(true);
  await expect(completeMultipart(ref, id, joined)).rejects.toThrow(NotFound);
});

test("a part whose bytes are not its checksum's is refused", async () => {
  const ref = { bucket: "uploads", key: "users/u/uploads/b/source" } as const;
  const id = await createMultipart(ref);
  await expect(uploadPart(ref, id, 1, randomBytes(10), crc32Of(randomBytes(10)))).rejects.toThrow(
    ContentMismatch,
  );
  expect(await listParts(ref, id)).toEqual([]);
});

test("a list of more than one page is read to its end; aborting twice is no error and frees everything", async () => {
  const ref = { bucket: "uploads", key: "users/u/uploads/c/source" } as const;
  const id = await createMultipart(ref);
  const numbers = [1, 2, 3, 5, 8, 10_000];
  const byte = Buffer.from("x");
  for (const number of numbers) await uploadPart(ref, id, number, byte, crc32Of(byte));
  expect((await listParts(ref, id, 2)).map(({ partNumber }) => partNumber)).toEqual(numbers);
  const open = await Array.fromAsync(listMultipartUploads("uploads", "users/u/uploads/c/"));
  expect(open).toMatchObject([{ ...ref, uploadId: id }]);
  await abortMultipart(ref, id);
  await abortMultipart(ref, id);
  await expect(listParts(ref, id)).rejects.toThrow(NotFound);
  expect(await Array.fromAsync(listMultipartUploads("uploads", "users/u/uploads/c/"))).toEqual([]);
});
