import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
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

async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; ms: number }> {
  const began = performance.now();
  return { answer: await work(), ms: performance.now() - began };
}

/** What the owner of a result gets by its signed address. */
async function download({ client }: Person, jobId: string, name: string): Promise<Buffer> {
  const { url } = await client.signOutput({ params: { jobId, name } });
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

test("[A9.3] a dozen people upload and download at once: every byte arrives, and together they are about as fast as one after the other", async () => {
  const first = await arrive(stack);
  const { jobId } = await uploaded(first, source);
  const job = await first.ended(jobId, 60_000);
  const [output] = job.outputs ?? [];
  const { name = "", checksumCrc32 = "" } = output ?? {};
  const people = await Promise.all(Array.from({ length: together }, () => arrive(stack)));
  const one = await timed(async () => {
    await uploaded(first, source, []);
    await download(first, jobId, name);
  });

  const all = await timed(() =>
    Promise.all(
      people.map(async (person) => {
        const [{ uploadId }, bytes] = await Promise.all([
          uploaded(person, source, []),
          download(first, jobId, name),
        ]);
        return { upload: await person.client.getUpload({ params: { uploadId } }), bytes };
      }),
    ),
  );

  const { length } = await readFile(source);
  for (const { upload, bytes } of all.answer) {
    expect(upload).toMatchObject({ status: "completed", percent: 100, sizeBytes: length });
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytes));
    expect(sum.toString("base64")).toBe(checksumCrc32);
  }
  // Twice, as the machine has other things to do.
  expect(all.ms / together).toBeLessThan(2 * one.ms);
});
