import { crc32 } from "node:zlib";
import { minimumPartBytes } from "@t2m/contract/limits";
import { crc32Text } from "../conversion/output/checksum.ts";
import type { ObjectRef } from "./address.ts";
import {
  abortMultipart,
  completeMultipart,
  createMultipart,
  type PartToJoin,
  uploadPart,
} from "./multipart.ts";

/**
 * Stores text as it is made, a part at a time: however much it becomes, no more than a part and a piece of it are in
 * memory. Nothing is visible before the end, and nothing is left where it fails. Gives the object's size in bytes.
 */
export async function putText(
  ref: ObjectRef,
  { contentType }: { contentType: string },
  pieces: AsyncIterable<string>,
): Promise<number> {
  const uploadId = await createMultipart(ref, { contentType });
  try {
    const parts: PartToJoin[] = [];
    let sizeBytes = 0;
    for await (const body of inParts(pieces)) {
      const checksumCrc32 = crc32Text(crc32(body));
      const partNumber = parts.length + 1;
      const { etag } = await uploadPart(ref, uploadId, partNumber, body, checksumCrc32);
      parts.push({ partNumber, etag, checksumCrc32 });
      sizeBytes += body.length;
    }
    await completeMultipart(ref, uploadId, parts, { sizeBytes });
    return sizeBytes;
  } catch (error) {
    // What cannot be freed now goes with the bucket's own expiry of unfinished uploads.
    await abortMultipart(ref, uploadId).catch(() => undefined);
    throw error;
  }
}

/** At least one, which may be empty. */
async function* inParts(pieces: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    const buffer = Buffer.from(piece);
    waiting.push(buffer);
    bytes += buffer.length;
    if (bytes < minimumPartBytes) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  yield Buffer.concat(waiting);
}
