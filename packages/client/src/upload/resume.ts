import { bytesOfPart, partCountFor } from "@t2m/contract/limits";
import type { ConversionRequestInput } from "@t2m/contract/presets";
import type { Upload } from "@t2m/contract/uploads";
import type { Client } from "../client.ts";
import { ApiProblem } from "../problem.ts";
import type { ProgressMeter } from "./progress.ts";
import { forEachAtOnce } from "./slots.ts";
import type { FileSource } from "./source.ts";
import { rangeOf } from "./transfer.ts";

/** Remembers which upload a file began, across reloads and restarts. */
export type ResumeStore = {
  get(key: string): Promise<string | undefined>;
  set(key: string, uploadId: string): Promise<void>;
  remove(key: string): Promise<void>;
};

/** What a file is remembered by. The same file wanted in another format is another upload. */
export function resumeKey(source: FileSource, conversions: readonly ConversionRequestInput[]): string {
  return JSON.stringify([source.name, source.sizeBytes, source.modifiedAt, conversions]);
}

/** An upload and the numbers of its parts that S3 does not hold. */
export type Begun = { upload: Upload; missing: number[] };

type Search = {
  client: Client;
  source: FileSource;
  uploadId: string;
  signal: AbortSignal;
  meter: ProgressMeter;
};

/**
 * How far a remembered upload is, or undefined where it cannot go on: it is gone, was given up, or holds parts of
 * another content than the file has now. Every stored part is compared with the file by its checksum; one that the
 * storage lists without a checksum is sent again.
 */
export async function findUpload({
  client,
  source,
  uploadId,
  signal,
  meter,
}: Search): Promise<Begun | undefined> {
  const params = { uploadId };
  const upload = await orGone(client.getUpload({ params, signal }));
  if (!upload || upload.status === "aborted" || upload.sizeBytes !== source.sizeBytes) return undefined;
  if (upload.status === "completed") return { upload, missing: [] };
  const stored = await orGone(client.listParts({ params, signal }));
  if (!stored) return undefined;

  meter.phase("checking");
  const missing = new Set(partNumbersOf(upload));
  let same = true;
  await forEachAtOnce(stored.parts, 2, async ({ partNumber, sizeBytes, checksumCrc32 }) => {
    const expected = bytesOfPart(partNumber, upload.sizeBytes, upload.partBytes);
    if (!same || !checksumCrc32 || sizeBytes !== expected) return;
    const part = await source.prepare(rangeOf(partNumber, upload), signal);
    part.release();
    if (part.checksumCrc32 !== checksumCrc32) same = false;
    missing.delete(partNumber);
    meter.stored(partNumber, sizeBytes);
  });
  return same ? { upload, missing: [...missing] } : undefined;
}

async function orGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiProblem && (error.code === "not_found" || error.code === "upload.not_open"))
      return undefined;
    throw error;
  }
}

/** From 1 to the last. */
export function partNumbersOf({ sizeBytes, partBytes }: Upload): number[] {
  return Array.from({ length: partCountFor(sizeBytes, partBytes) }, (_, index) => index + 1);
}
