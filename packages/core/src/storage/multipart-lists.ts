import type { Bucket } from "@t2m/contract/keys";
import * as z from "zod/mini";
import { readBytes } from "../aws/transport.ts";
import type { ObjectRef } from "./address.ts";
import type { OpenMultipart } from "./multipart.ts";
import { storageCall, unquoted } from "./request.ts";
import { parseXml, xmlBoolean, xmlNumber } from "./xml.ts";

export type HeldPart = { partNumber: number; sizeBytes: number; etag: string; checksumCrc32?: string };

const PartsPage = z.object({
  IsTruncated: xmlBoolean,
  NextPartNumberMarker: z.optional(z.string()),
  Part: z._default(
    z.array(
      z.object({
        PartNumber: xmlNumber,
        Size: xmlNumber,
        ETag: z.string(),
        ChecksumCRC32: z.optional(z.string()),
      }),
    ),
    [],
  ),
});

/** S3's own limit. */
const largestPage = 1_000;

/** Every part that S3 holds of an open multipart upload, in order, however many pages. Throws `NotFound`. */
export async function listParts(
  { bucket, key }: ObjectRef,
  uploadId: string,
  pageSize = largestPage,
): Promise<HeldPart[]> {
  const parts: HeldPart[] = [];
  let marker: string | undefined = "0";
  do {
    const query = { uploadId, "max-parts": String(pageSize), "part-number-marker": marker };
    const text = await storageCall({ operation: "ListParts", method: "GET", bucket, key, query }, readBytes);
    const page: z.infer<typeof PartsPage> = parseXml(text.toString(), "ListPartsResult", PartsPage);
    for (const { PartNumber, Size, ETag, ChecksumCRC32 } of page.Part) {
      const part = { partNumber: PartNumber, sizeBytes: Size, etag: unquoted(ETag) };
      parts.push(ChecksumCRC32 ? { ...part, checksumCrc32: ChecksumCRC32 } : part);
    }
    // The last page has a marker, too; only IsTruncated tells whether another follows.
    marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return parts;
}

const UploadsPage = z.object({
  IsTruncated: xmlBoolean,
  NextKeyMarker: z.optional(z.string()),
  NextUploadIdMarker: z.optional(z.string()),
  Upload: z._default(z.array(z.object({ Key: z.string(), UploadId: z.string(), Initiated: z.string() })), []),
});

/** Every multipart upload below `prefix` that was neither completed nor aborted. */
export async function* listMultipartUploads(bucket: Bucket, prefix: string): AsyncGenerator<OpenMultipart> {
  let markers: Record<string, string> | undefined = {};
  while (markers) {
    const query = { uploads: "", prefix, ...markers };
    const text = await storageCall(
      { operation: "ListMultipartUploads", method: "GET", bucket, query },
      readBytes,
    );
    const page: z.infer<typeof UploadsPage> = parseXml(
      text.toString(),
      "ListMultipartUploadsResult",
      UploadsPage,
    );
    for (const { Key, UploadId, Initiated } of page.Upload) {
      yield { bucket, key: Key, uploadId: UploadId, startedAt: Initiated };
    }
    const { NextKeyMarker: keyMarker, NextUploadIdMarker: idMarker } = page;
    markers =
      page.IsTruncated && keyMarker
        ? { "key-marker": keyMarker, ...(idMarker ? { "upload-id-marker": idMarker } : {}) }
        : undefined;
  }
}
