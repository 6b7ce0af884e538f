import { randomBytes, randomUUID } from "node:crypto";
import { listMultipartUploads } from "@t2m/core/storage/multipart-lists";
import { headObject, readObject } from "@t2m/core/storage/objects";
import { putText } from "@t2m/core/storage/stream";
import { startServices } from "@t2m/local/testing";
import { beforeAll, expect, test } from "vitest";

beforeAll(() => startServices());

const MiB = 1024 ** 2;
const newRef = () => ({ bucket: "temp", key: `users/${randomUUID()}/text.json` }) as const;
const contentType = "application/json";

test("text of any length is stored as it is made, byte for byte, also where there is none", async () => {
  const pieces = [
    "ä",
    randomBytes(6 * MiB).toString("latin1"),
    "",
    randomBytes(2 * MiB).toString("hex"),
    "€",
  ];
  const all = Buffer.from(pieces.join(""));
  const ref = newRef();
  expect(await putText(ref, { contentType }, asyncly(pieces))).toBe(all.length);
  expect((await readObject(ref)).equals(all)).toBe(true);
  expect(await headObject(ref)).toMatchObject({ contentType, sizeBytes: all.length });

  const empty = newRef();
  expect(await putText(empty, { contentType }, asyncly([]))).toBe(0);
  expect(await headObject(empty)).toMatchObject({ sizeBytes: 0 });
});

test("text whose making breaks off leaves no object and no part", async () => {
  const ref = newRef();
  async function* breaking() {
    yield "x".repeat(6 * MiB);
    throw new Error("no more");
  }
  await expect(putText(ref, { contentType }, breaking())).rejects.toThrow("no more");
  expect(await headObject(ref)).toBeUndefined();
  expect(await Array.fromAsync(listMultipartUploads("temp", ref.key))).toEqual([]);
});

async function* asyncly(pieces: readonly string[]) {
  yield* pieces;
}
