import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { fileSource } from "@t2m/client/node/file";
import { upload } from "@t2m/client/upload/upload";
import { sharedStack } from "@t2m/local/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeMedia, newFolder, noise } from "../support/media.ts";
import { arrive, type Person } from "../support/person.ts";
import { uploaded } from "../support/uploading.ts";

const stack = sharedStack();
const together = 12;
let folder: string;
let source: string;
beforeAll(async () => {
  folder = await newFolder();
  // Ten megabytes, so two parts.
  source = await makeMedia(join(folder, "source.wav"), ...noise(60));
});
afterAll(() => rm(folder, { recursive: true }));

/** Nobody passes before so many have come. */
function gateFor(many: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let come = 0;
  return () => {
    come += 1;
    if (come === many) resolve();
    return promise;
  };
}

/** Uploads the source, but sends nothing of its last part before the gate lets it pass. */
async function uploadThrough(gate: () => Promise<void>, { client }: Person): Promise<string> {
  const file = await fileSource(source);
  const held: typeof file = {
    ...file,
    async prepare(range, signal) {
      if (range.end === file.sizeBytes) await gate();
      return file.prepare(range, signal);
    },
  };
  return (await upload(client, held).finished).id;
}

/** What the owner of a result gets by its signed address, of which all but the first bytes wait at the gate. */
async function downloadThrough(gate: () => Promise<void>, url: string): Promise<number> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  let sum = 0;
  for await (const bytes of answer.body ?? []) {
    if (sum === 0) await gate();
    sum = crc32(bytes, sum);
  }
  return sum;
}

test("[A9.3] a dozen people upload and download at once, nobody waiting for anybody's end, and every byte arrives", async () => {
  const first = await arrive(stack);
  const { jobId } = await uploaded(first, source);
  const job = await first.ended(jobId, 60_000);
  const { name = "", checksumCrc32 } = job.outputs?.[0] ?? {};
  const { url } = await first.client.signOutput({ params: { jobId, name } });
  const people = await Promise.all(Array.from({ length: together }, () => arrive(stack)));
  const gate = gateFor(2 * together);

  const [uploads, sums] = await Promise.all([
    Promise.all(people.map((person) => uploadThrough(gate, person))),
    Promise.all(people.map(() => downloadThrough(gate, url))),
  ]);

  const { length } = await readFile(source);
  for (const [index, { client }] of people.entries()) {
    const of = { params: { uploadId: uploads[index] ?? "" } };
    expect(await client.getUpload(of)).toMatchObject({
      status: "completed",
      percent: 100,
      sizeBytes: length,
    });
  }
  const expected = Buffer.from(checksumCrc32 ?? "", "base64").readUInt32BE();
  expect(sums).toEqual(people.map(() => expected));
});
