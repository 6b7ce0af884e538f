import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedStack } from "@t2m/local/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Client, createClient } from "../src/client.ts";
import { fileSource } from "../src/node/file.ts";
import { folderStore } from "../src/node/store.ts";
import type { ByteRange, FileSource } from "../src/upload/source.ts";
import { upload } from "../src/upload/upload.ts";

const stack = sharedStack();
const partBytes = 8 * 1024 * 1024;
let folder: string;
let path: string;
let client: Client;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "t2m-upload-stack-"));
  path = join(folder, "song.wav");
  await writeFile(path, randomBytes(4 * partBytes + 5));
  const token = await stack.tokenFor(`upload ${randomUUID().slice(0, 8)}`);
  client = createClient({ baseUrl: stack.apiUrl, token });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const store = () => folderStore(join(folder, "state"), "test");

/** Counts the parts that are sent; `swap` may answer with another range to send in a part's place. */
async function watched(swap: (range: ByteRange) => ByteRange = (range) => range) {
  const source = await fileSource(path);
  const sent: number[] = [];
  const counting: FileSource = {
    ...source,
    async prepare(range, signal) {
      const part = await source.prepare(range, signal);
      return {
        ...part,
        async send(request) {
          sent.push(range.start / partBytes + 1);
          const instead = await source.prepare(swap(range), signal);
          return instead.send(request);
        },
      };
    },
  };
  return { source: counting, sent };
}

/** Stores two parts and stops, as a closed tab does. */
async function interrupt() {
  const stop = new AbortController();
  let stored = 0;
  const stopping: Client = {
    ...client,
    recordPart: (call) => {
      if (++stored === 2) stop.abort(new Error("closed"));
      return client.recordPart(call);
    },
  };
  const options = { store: store(), signal: stop.signal, parallel: 1 };
  await expect(upload(stopping, await fileSource(path), options).finished).rejects.toThrow("closed");
}

describe("an upload to S3 through the real handlers", () => {
  it("[C5.4] [C5.5] is taken up from what S3 holds, by its checksums; only the rest is sent", async () => {
    await interrupt();
    const [open] = (await client.listUploads()).items;
    const before = await client.listParts({ params: { uploadId: open?.id ?? "" } });
    const { source, sent } = await watched();
    const completed = await upload(client, source, { store: store() }).finished;
    expect(completed).toMatchObject({ id: open?.id, status: "completed", percent: 100 });
    expect(before.parts.length).toBeGreaterThanOrEqual(2);
    expect(sent.filter((partNumber) => !before.missing.includes(partNumber))).toEqual([]);
    // The one part that was on its way when the tab was closed may still have come in.
    expect(sent.length).toBeGreaterThanOrEqual(before.missing.length - 1);
  });

  it("is not taken up with another content of the same name, size and date", async () => {
    const when = new Date(1_700_000_000_000);
    await utimes(path, when, when);
    await interrupt();
    const [open] = (await client.listUploads()).items;
    await writeFile(path, randomBytes(4 * partBytes + 5));
    await utimes(path, when, when);
    const { source, sent } = await watched();
    const completed = await upload(client, source, { store: store() }).finished;
    expect(completed.id).not.toBe(open?.id);
    expect(sent.toSorted()).toEqual([1, 2, 3, 4, 5]);
    const given = await client.getUpload({ params: { uploadId: open?.id ?? "" } }).catch((error) => error);
    expect(["aborted", 404]).toContain(given.status);
  });

  it("sends a part again that S3 refuses because its bytes changed on the way", async () => {
    let swapped = false;
    const { source, sent } = await watched((range) => {
      if (swapped || range.start > 0) return range;
      swapped = true;
      return { start: partBytes, end: 2 * partBytes };
    });
    const patience = { attempts: 3, baseMs: 1, capMs: 5 };
    await expect(upload(client, source, { parallel: 1, patience }).finished).resolves.toMatchObject({
      status: "completed",
    });
    expect(sent.toSorted()).toEqual([1, 1, 2, 3, 4, 5]);
  });
});
