import type { FileHandle } from "node:fs/promises";

/** What an object is made of: some new bytes in front, then a stretch of the file on the disk. */
export type Layout = { front: Uint8Array; fromByte: number; toByte: number };

/** The largest index worth holding in memory; a film of 24 hours has about 60 MB of it. */
const maximumIndexBytes = 128 * 1024 * 1024;

/**
 * Puts the index (`moov`) of an MP4, M4A or MOV before its media, as `-movflags +faststart` does, byte for byte,
 * but without writing the file a second time: the media stay where they are and only the front is new, which is
 * all in the part that is uploaded last. Every chunk offset in the index grows by the index's own length.
 * Answers undefined where the index is in front already, or where an offset would no longer fit in 32 bits.
 */
export async function indexInFront(file: FileHandle, sizeBytes: number): Promise<Layout | undefined> {
  const boxes = await topBoxes(file, sizeBytes);
  const index = boxes.find(({ type }) => type === "moov");
  const first = boxes[0];
  const isLast = index && index.start + index.bytes === sizeBytes;
  if (!isLast || first?.type !== "ftyp" || index.bytes > maximumIndexBytes) return undefined;
  const front = Buffer.alloc(first.bytes + index.bytes);
  await file.read(front, 0, first.bytes, 0);
  await file.read(front, first.bytes, index.bytes, index.start);
  if (!moveOffsets(front.subarray(first.bytes), index.bytes)) return undefined;
  return { front, fromByte: first.bytes, toByte: index.start };
}

type Box = { type: string; start: number; bytes: number };

async function topBoxes(file: FileHandle, sizeBytes: number): Promise<Box[]> {
  const boxes: Box[] = [];
  const head = Buffer.alloc(16);
  let start = 0;
  while (start + 8 <= sizeBytes) {
    await file.read(head, 0, 16, start);
    const small = head.readUInt32BE(0);
    const bytes = small === 1 ? Number(head.readBigUInt64BE(8)) : small;
    if (bytes < 8) return boxes;
    boxes.push({ type: head.toString("latin1", 4, 8), start, bytes });
    start += bytes;
  }
  return boxes;
}

const containers = new Set(["moov", "trak", "mdia", "minf", "stbl"]);

/** Adds `shiftBytes` to every chunk offset below this box; false where one does not fit. */
function moveOffsets(box: Buffer, shiftBytes: number): boolean {
  for (let at = 8; at + 8 <= box.length; ) {
    const bytes = box.readUInt32BE(at);
    if (bytes < 8 || at + bytes > box.length) return false;
    const child = box.subarray(at, at + bytes);
    const type = child.toString("latin1", 4, 8);
    if (containers.has(type) && !moveOffsets(child, shiftBytes)) return false;
    if (type === "stco" && !moveShort(child, shiftBytes)) return false;
    if (type === "co64") moveLong(child, shiftBytes);
    at += bytes;
  }
  return true;
}

/** Both tables: 12 bytes of box and version, a count, then the offsets. */
function moveShort(table: Buffer, shiftBytes: number): boolean {
  const end = 16 + table.readUInt32BE(12) * 4;
  for (let at = 16; at < end; at += 4) {
    const offset = table.readUInt32BE(at) + shiftBytes;
    if (offset > 0xffffffff) return false;
    table.writeUInt32BE(offset, at);
  }
  return true;
}

function moveLong(table: Buffer, shiftBytes: number): void {
  const end = 16 + table.readUInt32BE(12) * 8;
  for (let at = 16; at < end; at += 8) {
    table.writeBigUInt64BE(table.readBigUInt64BE(at) + BigInt(shiftBytes), at);
  }
}
