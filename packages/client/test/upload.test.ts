import { randomBytes } from "node:crypto";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient } from "../src/client.ts";
import { fileSource } from "../src/node/file.ts";
import { folderStore } from "../src/node/store.ts";
import type { UploadProgress } from "../src/upload/progress.ts";
import { FileChanged, type UploadOptions, upload } from "../src/upload/upload.ts";
import { type Service, startService } from "./support/service.ts";

const partBytes = 64 * 1024;
const parts = 12;
const patience = { attempts: 4, baseMs: 1, capMs: 5 };

let service: Service;
let folder: string;
let path: string;
let content: Buffer;
beforeEach(async () => {
  service = await startService({ partBytes });
  folder = await mkdtemp(join(tmpdir(), "t2m-upload-"));
  path = join(folder, "song.wav");
  // The last part is a short one.
  content = randomBytes(partBytes * (parts - 1) + 1234);
  await writeFile(path, content);
});
afterEach(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

const client = () => createClient({ baseUrl: service.baseUrl, token: "token", patience });
const store = () => folderStore(join(folder, "state"), "test");
async function start(options: UploadOptions = {}) {
  return upload(client(), await fileSource(path), { patience, ...options });
}
const run = async (options: UploadOptions = {}) => (await start(options)).finished;
const count = (partNumber: number) => service.partPuts.filter((put) => put === partNumber).length;

describe("an upload", () => {
  it("[C5.1] sends every part once, several at a time, and ends with the file's own bytes", async () => {
    const fourAtOnce = Promise.withResolvers<void>();
    service.faults.part = async () => {
      if (service.mostAtOnce() === 4) fourAtOnce.resolve();
      await fourAtOnce.promise;
      return undefined;
    };
    const told: UploadProgress[] = [];
    const { id, status } = await run({ onProgress: (progress) => told.push(progress) });

    expect(status).toBe("completed");
    expect(service.contentOf(id).equals(content)).toBe(true);
    expect(service.partPuts.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: parts }, (_, i) => i + 1),
    );
    expect(service.mostAtOnce()).toBe(4);
    expect(told.at(-1)).toMatchObject({ phase: "completed", percent: 100, bytesSent: content.length });
  });

  it("asks for URLs in batches and only a little ahead of the parts that travel", async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const arrived = new Set<number>();
    const fourArrived = Promise.withResolvers<void>();
    service.faults.part = async (partNumber) => {
      arrived.add(partNumber);
      if (arrived.size === 4) fourArrived.resolve();
      await held;
      return undefined;
    };
    const { finished } = await start();
    await fourArrived.promise;
    const signed = () => service.calls.filter((call) => call.endsWith("/urls")).length;
    expect(signed()).toBeLessThanOrEqual(8);
    letGo();
    await finished;
    expect(signed()).toBeLessThan(parts);
  });

  it("sends a file of one byte", async () => {
    await writeFile(path, "x");
    const { id } = await run();
    expect(service.contentOf(id).toString()).toBe("x");
  });

  it("[V1.5] sends a part again that was refused with 503, cut off, slowed down or damaged on the way", async () => {
    service.faults.part = (partNumber, time) => {
      if (time > 1) return undefined;
      if (partNumber === 2) return { status: 503, body: "<Error><Code>SlowDown</Code></Error>" };
      if (partNumber === 3) return "cut";
      if (partNumber === 4) return { status: 429, headers: { "retry-after": "0" } };
      if (partNumber === 5) return { status: 400, body: "<Error><Code>BadDigest</Code></Error>" };
      return undefined;
    };
    const { id } = await run();
    expect(service.contentOf(id).equals(content)).toBe(true);
    expect(service.partPuts).toHaveLength(parts);
  });

  it("gets a new URL where the old one has expired, believed in or not", async () => {
    service.urlLifetimeMs = -1;
    service.clientBelievesMs = 60_000;
    service.faults.api = ({ path, time }) => {
      if (path.endsWith("/urls") && time > 2) service.urlLifetimeMs = 60_000;
      return undefined;
    };
    const { id } = await run({ patience: { ...patience, attempts: 10 } });
    expect(service.contentOf(id).equals(content)).toBe(true);
  });

  it("waits while the API is away for longer than one call does", async () => {
    let away = 0;
    service.faults.api = ({ path }) => (path.endsWith("/urls") && ++away < 10 ? "cut" : undefined);
    const { id } = await run();
    expect(away).toBeGreaterThan(patience.attempts);
    expect(service.contentOf(id).equals(content)).toBe(true);
  });

  it("does not try again what the storage refuses for good, and keeps what is stored", async () => {
    service.faults.part = (partNumber) =>
      partNumber === 7 ? { status: 400, body: "<Error><Code>EntityTooLarge</Code></Error>" } : undefined;
    await expect(run({ store: store() })).rejects.toThrow(/refused part 7: status 400 EntityTooLarge/);
    service.cutOff();
    const stored = service.partPuts.length;
    expect(stored).toBeGreaterThan(0);

    service.faults.part = () => undefined;
    await run({ store: store() });
    expect(service.partPuts).toHaveLength(parts);
  });

  it("is not held up by records of parts that fail", async () => {
    service.faults.api = ({ method }) => (method === "PUT" ? { status: 500 } : undefined);
    await expect(run()).resolves.toMatchObject({ status: "completed" });
  });

  it("looks again and sends the part that is missing when completing is refused for one", async () => {
    service.faults.api = ({ path, time }) => {
      if (path.endsWith("/complete") && time === 1)
        for (const held of service.uploads.values()) held.parts.delete(3);
      return undefined;
    };
    const { id } = await run();
    expect(service.contentOf(id).equals(content)).toBe(true);
    expect(count(3)).toBe(2);
    expect(service.partPuts).toHaveLength(parts + 1);
  });
});

describe("an interrupted upload", () => {
  /** Runs until `after` parts are stored, then stops as Ctrl-C or a closed tab does. */
  async function interrupt(after: number) {
    const stop = new AbortController();
    service.faults.part = () => {
      if (service.partPuts.length >= after) stop.abort();
      return stop.signal.aborted ? "cut" : undefined;
    };
    await expect(run({ store: store(), signal: stop.signal })).rejects.toThrow();
    service.faults.part = () => undefined;
    service.cutOff();
    return [...service.uploads.values()].flatMap((held) => [...held.parts.keys()]);
  }

  it("[C5.5] goes on from its last finished part: only missing parts are sent", async () => {
    const before = await interrupt(5);
    expect(before.length).toBeGreaterThanOrEqual(5);
    expect(before.length).toBeLessThan(parts);
    service.partPuts.length = 0;

    let resumedBytes = 0;
    const { id } = await run({ store: store(), onBegun: (begun) => (resumedBytes = begun.resumedBytes) });

    expect(service.uploads.size).toBe(1);
    expect(service.partPuts.filter((partNumber) => before.includes(partNumber))).toEqual([]);
    expect(service.partPuts).toHaveLength(parts - before.length);
    expect(resumedBytes).toBeGreaterThanOrEqual(4 * partBytes);
    expect(service.contentOf(id).equals(content)).toBe(true);
  });

  it("is not mixed with a changed file of the same name, size and date: that one begins anew", async () => {
    const when = new Date(1_700_000_000_000);
    await utimes(path, when, when);
    await interrupt(5);
    const [first] = service.uploads.values();
    service.partPuts.length = 0;
    content = randomBytes(content.length);
    await writeFile(path, content);
    await utimes(path, when, when);

    const { id } = await run({ store: store() });

    expect(first?.status).toBe("aborted");
    expect(id).not.toBe(first?.id);
    expect(service.partPuts).toHaveLength(parts);
    expect(service.contentOf(id).equals(content)).toBe(true);
  });

  it("begins anew where the service has forgotten it", async () => {
    await interrupt(3);
    service.uploads.clear();
    await expect(run({ store: store() })).resolves.toMatchObject({ status: "completed" });
  });

  it("sends parts again that the storage lists without a checksum", async () => {
    await interrupt(5);
    for (const held of service.uploads.values())
      for (const part of held.parts.values()) Reflect.deleteProperty(part, "checksumCrc32");
    service.partPuts.length = 0;
    await run({ store: store() });
    expect(service.partPuts).toHaveLength(parts);
  });

  it("that was completed all the same is taken as it is", async () => {
    service.faults.api = ({ path, time }) => (path.endsWith("/complete") && time === 2 ? "cut" : undefined);
    const stop = new AbortController();
    const onProgress = ({ phase }: UploadProgress) => {
      if (phase === "completed") stop.abort();
    };
    const { id } = await run({ store: store(), onProgress, signal: stop.signal });
    await store().set(
      JSON.stringify(["song.wav", content.length, (await fileSource(path)).modifiedAt, []]),
      id,
    );
    service.partPuts.length = 0;
    await expect(run({ store: store() })).resolves.toMatchObject({ id, status: "completed" });
    expect(service.partPuts).toEqual([]);
  });
});

describe("a file that changes while it is uploaded", () => {
  it("is refused and nothing is kept of it", async () => {
    service.faults.part = async (partNumber) => {
      if (partNumber === parts) await writeFile(path, randomBytes(content.length));
      return undefined;
    };
    await expect(run({ store: store() })).rejects.toThrow(FileChanged);
    expect([...service.uploads.values()].map(({ status }) => status)).toEqual(["aborted"]);
  });
});

describe("pause", () => {
  it("stops parts under way, sends nothing while paused, and loses none", async () => {
    const uploading = await start();
    const paused = Promise.withResolvers<void>();
    service.faults.part = () => {
      if (service.partPuts.length === 4) {
        uploading.pause();
        paused.resolve();
      }
      return undefined;
    };
    await paused.promise;
    let over = false;
    void uploading.finished.finally(() => (over = true));
    // Everything that was under way has had its time when the service has answered this.
    await client().getUpload({ params: { uploadId: [...service.uploads.keys()][0] ?? "" } });
    const stored = service.partPuts.length;
    await client().getUpload({ params: { uploadId: [...service.uploads.keys()][0] ?? "" } });
    expect(service.partPuts.length).toBe(stored);
    expect(over).toBe(false);

    service.faults.part = () => undefined;
    uploading.resume();
    const { id } = await uploading.finished;
    expect(service.contentOf(id).equals(content)).toBe(true);
  });

  it("can be ended by giving up, which frees what is stored", async () => {
    const uploading = await start({ store: store() });
    const some = Promise.withResolvers<void>();
    service.faults.part = () => {
      if (service.partPuts.length === 4) some.resolve();
      return undefined;
    };
    await some.promise;
    uploading.pause();
    await uploading.abort();
    await expect(uploading.finished).rejects.toThrow();
    expect([...service.uploads.values()].map(({ status }) => status)).toEqual(["aborted"]);
  });
});
