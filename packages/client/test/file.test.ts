import { randomBytes } from "node:crypto";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileSource } from "../src/node/file.ts";
import { base64OfCrc32 } from "../src/upload/crc32.ts";

const megabyte = 1024 * 1024;
const { signal } = new AbortController();
let folder: string;
let path: string;
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "t2m-file-"));
  path = join(folder, "song.wav");
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  await rm(folder, { recursive: true });
});

async function serving(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/part`;
}

describe("a file on disk", () => {
  it("tells its name, type, size and date, and whether it still has them", async () => {
    await writeFile(path, "some sound");
    const source = await fileSource(path);
    expect(source).toMatchObject({ name: "song.wav", type: "audio/wav", sizeBytes: 10 });
    expect(await source.unchanged()).toBe(true);
    await writeFile(path, "another sound");
    expect(await source.unchanged()).toBe(false);
    await expect(fileSource(folder)).rejects.toThrow(/is not a file/);
  });

  it("goes out in parts of hundreds of megabytes without being held in memory", async () => {
    const partBytes = 400 * megabyte;
    const file = await open(path, "w");
    const pieces = Array.from({ length: 4 }, () => randomBytes(megabyte));
    // The rest is a hole: it reads as zeros and takes no disk.
    for (const [index, piece] of pieces.entries())
      await file.write(piece, 0, megabyte, index * 100 * megabyte);
    await file.truncate(partBytes);
    await file.close();
    let received = 0;
    let crc = 0;
    const url = await serving((request, response) => {
      request.on("data", (block: Buffer) => {
        received += block.length;
        crc = crc32(block, crc);
      });
      request.on("end", () => response.end());
    });

    let held = 0;
    const watch = () => {
      held = Math.max(held, process.memoryUsage().arrayBuffers);
    };
    const before = process.memoryUsage().arrayBuffers;
    const source = await fileSource(path);
    const part = await source.prepare({ start: 0, end: partBytes }, signal);
    const reply = await part.send({ url, headers: {}, signal, onSent: watch });

    expect(reply.status).toBe(200);
    expect(received).toBe(partBytes);
    expect(part.checksumCrc32).toBe(base64OfCrc32(crc));
    // What one side has read and the other not yet, and what is not yet collected: both sides are in this process.
    expect(held - before).toBeLessThan(partBytes / 2);
  });

  it("hears a refusal that comes before its last byte, and stops sending", async () => {
    await writeFile(path, randomBytes(12 * megabyte));
    const url = await serving((request, response) => {
      request.once("data", () => {
        request.pause();
        response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>");
      });
    });
    const part = await (await fileSource(path)).prepare({ start: 0, end: 12 * megabyte }, signal);
    let sent = 0;
    const onSent = (bytes: number) => {
      sent = bytes;
    };
    const reply = await part.send({ url, headers: {}, signal, onSent });
    expect(reply).toMatchObject({ status: 403, text: expect.stringMatching(/AccessDenied/) });
    expect(sent).toBeLessThan(12 * megabyte);
  });
});
