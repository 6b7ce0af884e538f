import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { crc32 } from "node:zlib";
import { base64OfCrc32 } from "../upload/crc32.ts";
import { type ByteRange, type FileSource, heldPartBytes, type PreparedPart } from "../upload/source.ts";
import { mediaTypeOf } from "./media-type.ts";
import { put } from "./put.ts";

const blockBytes = 1024 * 1024;

/**
 * A file on this disk, to be uploaded.
 * Throws what `stat` throws, and an Error where the path is no file.
 */
export async function fileSource(path: string): Promise<FileSource> {
  const found = await stat(path);
  const { size, mtimeMs } = found;
  if (!found.isFile()) throw new Error(`${path} is not a file`);
  const spare: Buffer[] = [];
  return {
    name: basename(path),
    type: mediaTypeOf(path),
    sizeBytes: size,
    modifiedAt: Math.trunc(mtimeMs),
    prepare: (range, signal) =>
      range.end - range.start <= heldPartBytes ? hold(path, range, spare) : pass(path, range, signal),
    async unchanged() {
      const now = await stat(path);
      return now.size === size && now.mtimeMs === mtimeMs;
    },
  };
}

/** A part in memory, in a buffer that an earlier part left. */
async function hold(path: string, { start, end }: ByteRange, spare: Buffer[]): Promise<PreparedPart> {
  const sizeBytes = end - start;
  const kept = spare.pop();
  const space = kept && kept.length >= sizeBytes ? kept : Buffer.allocUnsafeSlow(sizeBytes);
  const bytes = space.subarray(0, sizeBytes);
  const file = await open(path);
  try {
    await fill(file, bytes, start);
  } finally {
    await file.close();
  }
  let released = false;
  return {
    sizeBytes,
    checksumCrc32: base64OfCrc32(crc32(bytes)),
    send: (request) => put(request, { sizeBytes, blocks: blocksOf(bytes) }),
    release() {
      if (!released) spare.push(space);
      released = true;
    },
  };
}

async function fill(file: FileHandle, bytes: Buffer, start: number): Promise<void> {
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) throw new Error("The file has become shorter while it was uploaded");
    filled += bytesRead;
  }
}

function* blocksOf(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += blockBytes) yield bytes.subarray(from, from + blockBytes);
}

/** A part too large for memory: read once for its checksum and once more for each sending. */
async function pass(path: string, { start, end }: ByteRange, signal: AbortSignal): Promise<PreparedPart> {
  const sizeBytes = end - start;
  const read = (stop: AbortSignal) =>
    createReadStream(path, { start, end: end - 1, highWaterMark: blockBytes, signal: stop });
  let crc = 0;
  for await (const block of read(signal)) crc = crc32(block, crc);
  return {
    sizeBytes,
    checksumCrc32: base64OfCrc32(crc),
    send: (request) => put(request, { sizeBytes, blocks: read(request.signal) }),
    release: () => undefined,
  };
}
