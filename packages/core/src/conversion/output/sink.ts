import type { Output } from "@t2m/contract/jobs";

export type FinishedPart = {
  partNumber: number;
  etag: string;
  sizeBytes: number;
  checksumCrc32: string;
};

/** Where one output goes, part by part: an S3 multipart upload or something like it. */
export type PartSink = {
  /**
   * Stores a part; sent again, it replaces the one before. `body` is only valid until the promise settles: its
   * memory is used again. The checksum is CRC32 as S3 writes it (base64).
   */
  uploadPart(
    partNumber: number,
    body: Uint8Array,
    checksumCrc32: string,
    signal: AbortSignal,
  ): Promise<{ etag: string }>;
  /**
   * Makes the object of the given parts, in ascending order; others that were uploaded are not part of it. The
   * checksum is CRC32 over the whole object (S3's type FULL_OBJECT).
   */
  complete(
    parts: readonly FinishedPart[],
    object: { sizeBytes: number; checksumCrc32: string },
    signal: AbortSignal,
  ): Promise<void>;
  /** Frees whatever was stored. */
  abort(): Promise<void>;
};

export type OutputDescription = { name: string; role: Output["role"]; contentType: string };
