import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { download } from "../src/cli/download.ts";
import { base64OfCrc32 } from "../src/upload/crc32.ts";

const content = randomBytes(300_000);
const patience = { attempts: 3, baseMs: 1, capMs: 3 };
let folder: string;
let server: Server;
let url: string;
/** Where each request asked to begin. */
let from: number[];
/** How many bytes of an answer come before the connection breaks; then, whether the URL is still good. */
let breakAfter: (request: number) => number;
let status: (request: number) => number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "t2m-download-"));
  from = [];
  breakAfter = () => Number.POSITIVE_INFINITY;
  status = () => 206;
  server = createServer((request, response) => {
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const time = from.push(start);
    const rest = content.subarray(start);
    if (status(time) >= 400) {
      response.writeHead(status(time)).end();
      return;
    }
    response.writeHead(start > 0 ? status(time) : 200, { "content-length": rest.length });
    const cut = breakAfter(time);
    response.write(rest.subarray(0, cut), () =>
      cut < rest.length ? request.socket.destroy() : response.end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

async function run(change: Partial<Parameters<typeof download>[1]> = {}) {
  const checksumCrc32 = base64OfCrc32(crc32(content));
  const signal = new AbortController().signal;
  const wanted = { sign: async () => url, sizeBytes: content.length, checksumCrc32, signal, patience };
  await download(join(folder, "song.mp3"), { ...wanted, ...change });
  return readFile(join(folder, "song.mp3"));
}

describe("a download", () => {
  it("goes on where the connection broke, with a fresh URL where the old one has expired", async () => {
    breakAfter = (request) => (request < 3 ? 100_000 : Number.POSITIVE_INFINITY);
    status = (request) => (request === 2 ? 403 : 206);
    let signed = 0;
    const sign = async () => {
      signed++;
      return url;
    };
    expect((await run({ sign })).equals(content)).toBe(true);
    expect(from[0]).toBe(0);
    expect(from.at(-1)).toBeGreaterThan(0);
    expect(signed).toBe(from.length);
  });

  it("leaves the file that was there, and nothing else, where it cannot be finished", async () => {
    await writeFile(join(folder, "song.mp3"), "older");
    status = () => 500;
    await expect(run()).rejects.toThrow("The download broke off");
    expect(await readdir(folder)).toEqual(["song.mp3"]);
    expect(await readFile(join(folder, "song.mp3"), "utf8")).toBe("older");
  });

  it("is refused where its bytes are not those that were promised", async () => {
    await expect(run({ checksumCrc32: "AAAAAA==" })).rejects.toThrow(/another checksum/);
    await expect(run({ sizeBytes: content.length - 1 })).rejects.toThrow(/larger than it should be/);
    expect(await readdir(folder)).toEqual([]);
  });

  it("stops with its signal", async () => {
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error("enough"));
    await expect(run({ signal: stop.signal, onProgress })).rejects.toThrow("enough");
    expect(await readdir(folder)).toEqual([]);
  });
});
