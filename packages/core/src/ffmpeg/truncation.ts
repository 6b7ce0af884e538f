import { frameBytes } from "./frames.ts";
import type { Container } from "./sniff.ts";

/** A file of which any part can be read. `read` answers what there is where the file ends early. */
export type Bytes = {
  sizeBytes: number;
  read(startByte: number, lengthBytes: number): Promise<Uint8Array>;
};

/**
 * Whether a file breaks off, by what its own structure says. ffmpeg reads many broken-off files to their early
 * end and calls it a success, so this is asked before it starts. False also where a format cannot tell.
 */
export async function isTruncated(container: Container, file: Bytes): Promise<boolean> {
  switch (container) {
    case "wav":
    case "avi":
    case "aiff":
      return riffIsTruncated(container === "aiff", file);
    case "mp4":
      return boxesAreTruncated(file);
    case "caf":
      return cafIsTruncated(file);
    case "matroska":
      return segmentIsTruncated(file);
    case "ogg":
      return oggIsTruncated(file);
    case "flv":
      return flvIsTruncated(file);
    case "mpegts":
      return transportIsTruncated(file);
    case "gif":
      return (await tail(file, 4096)).findLast((byte) => byte !== 0) !== 0x3b;
    case "mp3":
    case "aac":
    case "ac3":
      return framesAreTruncated(container, file);
    default:
      return false;
  }
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const latin1 = (bytes: Uint8Array, start: number, end: number) =>
  Buffer.from(bytes.subarray(start, end)).toString("latin1");
const tail = (file: Bytes, bytes: number) =>
  file.read(Math.max(0, file.sizeBytes - bytes), Math.min(bytes, file.sizeBytes));

/** RIFF and FORM: a size in front of everything, and one in front of each chunk. Recorders leave 0 or all ones. */
async function riffIsTruncated(bigEndian: boolean, file: Bytes): Promise<boolean> {
  const head = await file.read(0, 12);
  if (head.length < 12) return true;
  let position = 12;
  for (let chunks = 0; chunks < 1000 && position < file.sizeBytes; chunks++) {
    const chunk = await file.read(position, 8);
    if (chunk.length < 8) return false;
    const size = view(chunk).getUint32(4, !bigEndian);
    const unknown = size === 0xffffffff || (size === 0 && latin1(chunk, 0, 4) === "data");
    if (unknown) return false;
    position += 8 + size;
    if (position > file.sizeBytes) return true;
    position += size % 2;
  }
  return position === 12;
}

/** MP4 and QuickTime: boxes one after another, of which the index (`moov`) may be the last. */
async function boxesAreTruncated(file: Bytes): Promise<boolean> {
  let position = 0;
  let indexed = false;
  for (let boxes = 0; boxes < 100_000 && position < file.sizeBytes; boxes++) {
    const head = await file.read(position, 16);
    if (head.length < 8) return !indexed;
    const type = latin1(head, 4, 8);
    // Junk behind the last box is common and harmless.
    if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) return !indexed;
    indexed ||= type === "moov";
    const size = view(head).getUint32(0);
    if (size === 0) return !indexed;
    if (size === 1 && head.length < 16) return true;
    const bytes = size === 1 ? Number(view(head).getBigUint64(8)) : size;
    if (bytes < 8) return !indexed;
    position += bytes;
  }
  return position > file.sizeBytes || !indexed;
}

async function cafIsTruncated(file: Bytes): Promise<boolean> {
  let position = 8;
  for (let chunks = 0; chunks < 1000 && position < file.sizeBytes; chunks++) {
    const chunk = await file.read(position, 12);
    if (chunk.length < 12) return true;
    const size = Number(view(chunk).getBigInt64(4));
    // -1: the sound goes on to the end of the file.
    if (size < 0) return false;
    position += 12 + size;
  }
  return position > file.sizeBytes;
}

/** Matroska: the EBML header, then one segment whose size is all ones in a live recording. */
async function segmentIsTruncated(file: Bytes): Promise<boolean> {
  const head = await file.read(0, 4096);
  const header = vint(head, 4);
  if (!header) return true;
  const segment = header.end + header.value;
  const size = vint(head, segment + 4);
  if (!size) return true;
  return !size.unknown && size.end + size.value > file.sizeBytes;
}

function vint(bytes: Uint8Array, at: number): { value: number; end: number; unknown: boolean } | undefined {
  const first = bytes[at];
  if (first === undefined || first === 0) return undefined;
  const length = Math.clz32(first) - 23;
  const rest = bytes.subarray(at + 1, at + length);
  if (rest.length !== length - 1) return undefined;
  const data = first & (0xff >> length);
  const value = rest.reduce((sum, byte) => sum * 256 + byte, data);
  return { value, end: at + length, unknown: data === 0xff >> length && rest.every((byte) => byte === 0xff) };
}

/** The last page must be whole and say that the stream ends with it. */
async function oggIsTruncated(file: Bytes): Promise<boolean> {
  const end = await tail(file, 128 * 1024);
  const text = latin1(end, 0, end.length);
  const page = text.lastIndexOf("OggS");
  if (page < 0 || page + 27 > end.length) return true;
  const flags = end[page + 5] ?? 0;
  const segments = end[page + 26] ?? 0;
  const table = end.subarray(page + 27, page + 27 + segments);
  const bytes = 27 + segments + table.reduce((sum, size) => sum + size, 0);
  return (flags & 4) === 0 || page + bytes > end.length;
}

/** Every FLV tag is followed by its own size. */
async function flvIsTruncated(file: Bytes): Promise<boolean> {
  const last = await tail(file, 4);
  if (last.length < 4) return true;
  const tagBytes = view(last).getUint32(0);
  const tag = await file.read(file.sizeBytes - 4 - tagBytes, 4);
  if (tagBytes < 11 || tag.length < 4) return true;
  return (view(tag).getUint32(0) & 0xffffff) + 11 !== tagBytes;
}

async function transportIsTruncated(file: Bytes): Promise<boolean> {
  const head = await file.read(0, 1024);
  const [packet = 188] = [188, 192, 204].filter((size) => {
    const first = size === 192 ? 4 : 0;
    return [0, 1, 2].every((n) => head[first + n * size] === 0x47);
  });
  return file.sizeBytes % packet !== 0;
}

/** Follows the frames through the end of the file: the last one must fit. Tags behind the sound are skipped. */
async function framesAreTruncated(kind: "mp3" | "aac" | "ac3", file: Bytes): Promise<boolean> {
  const end = withoutTags(await tail(file, 64 * 1024));
  for (let start = 0; start < end.length; start++) {
    let position = start;
    let frames = 0;
    for (let size = frameBytes(kind, end, position); size > 0; size = frameBytes(kind, end, position)) {
      position += size;
      frames++;
    }
    // A chance match of the sync bits within the sound does not go on for long.
    if (frames >= 3 || (frames > 0 && start === 0)) return position > end.length;
  }
  return false;
}

function withoutTags(end: Uint8Array): Uint8Array {
  const id3v1 = latin1(end, end.length - 128, end.length - 125) === "TAG" ? end.subarray(0, -128) : end;
  const footer = id3v1.subarray(-32);
  if (latin1(footer, 0, 8) !== "APETAGEX") return id3v1;
  return id3v1.subarray(0, Math.max(0, id3v1.length - view(footer).getUint32(12, true) - 32));
}
