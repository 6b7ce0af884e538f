import { randomUUID } from "node:crypto";
import { bytesOfPart, usualPartBytes } from "@t2m/contract/limits";
import type { NewUpload } from "@t2m/contract/new-upload";
import type { Upload } from "@t2m/contract/uploads";
import { createUpload } from "@t2m/core/uploads/create";
import { signParts } from "@t2m/core/uploads/sign";
import { crc32Of } from "../support/parts.ts";

export const someone = () => randomUUID();

export function newUpload(extra: Partial<NewUpload> = {}): NewUpload {
  return { name: "song.wav", type: "audio/wav", sizeBytes: usualPartBytes + 10, conversions: [], ...extra };
}

export async function begin(userId: string, extra: Partial<NewUpload> = {}): Promise<Upload> {
  return (await createUpload({ userId, request: newUpload(extra) })).created.upload;
}

/** The bytes of a part: all alike, so that a part put twice is the same. */
export function bytesOf(upload: Upload, partNumber: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytesOfPart(partNumber, upload.sizeBytes, upload.partBytes)).fill(partNumber);
}

/** As a client does it: checksum, signed URL, PUT straight to S3. Gives S3's status. */
export async function putPart(userId: string, upload: Upload, partNumber: number): Promise<number> {
  const body = bytesOf(upload, partNumber);
  const parts = [{ partNumber, checksumCrc32: crc32Of(body) }];
  const signed = await signParts({ userId, uploadId: upload.id, parts });
  const [part] = signed.parts;
  if (!part) throw new Error("nothing was signed");
  const response = await fetch(part.url, { method: "PUT", body, headers: part.headers });
  await response.text();
  return response.status;
}
