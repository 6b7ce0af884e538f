import type { Bucket } from "@t2m/contract/keys";
import { AwsError } from "../aws/call.ts";
import { readBytes, readHeaders } from "../aws/transport.ts";
import type { ObjectRef } from "./address.ts";
import { ContentMismatch, NotFound, objectHeaders, storageCall, unquoted } from "./request.ts";

export { ContentMismatch, NotFound } from "./request.ts";

/** FULL_OBJECT: the object's checksum is that of all its bytes. COMPOSITE: one made of the parts' checksums. */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

/** Begins an object of parts, each with a CRC32; gives S3's id of the multipart upload. */
export async function createMultipart(
  { bucket, key }: ObjectRef,
  object: {
    contentType?: string;
    metadata?: Record<string, string>;
    tags?: Record<string, string>;
    checksumType?: ChecksumType;
  } = {},
): Promise<string> {
  const headers = {
    ...objectHeaders(object),
    "x-amz-checksum-algorithm": "CRC32",
    "x-amz-checksum-type": object.checksumType ?? "FULL_OBJECT",
  };
  // Repeating it may leave an upload nobody knows; the sweep and the bucket's lifecycle end those.
  const request = { operation: "CreateMultipartUpload", method: "POST", bucket, key, headers } as const;
  const answer = await storageCall({ ...request, query: { uploads: "" } }, readBytes);
  const id = /<UploadId>([^<]+)<\/UploadId>/.exec(answer.toString())?.[1];
  if (!id) throw new Error(`CreateMultipartUpload answered without an id: ${answer}`);
  return id;
}

/**
 * Stores a part; sent again, it replaces the one before. `body`'s memory is the caller's again afterwards.
 * Throws `NotFound` (no such upload), `ContentMismatch` (the bytes that came have another checksum).
 */
export async function uploadPart(
  { bucket, key }: ObjectRef,
  uploadId: string,
  partNumber: number,
  body: Uint8Array,
  checksumCrc32: string,
  signal?: AbortSignal,
): Promise<{ etag: string }> {
  const headers = await storageCall(
    {
      operation: "UploadPart",
      method: "PUT",
      bucket,
      key,
      query: { partNumber: String(partNumber), uploadId },
      headers: { "x-amz-checksum-crc32": checksumCrc32 },
      body,
      signal,
      tries: 5,
      tryMs: 120_000,
      totalMs: 300_000,
    },
    readHeaders,
  );
  return { etag: unquoted(String(headers.etag)) };
}

export type PartToJoin = { partNumber: number; etag: string; checksumCrc32?: string | undefined };

/**
 * Makes the object of its parts, in ascending order. S3 itself refuses it when size or checksum are not those
 * given here. Done twice it throws `NotFound` the second time, also where only the first answer was lost.
 * Throws `ContentMismatch` for parts S3 does not hold like that.
 */
export async function completeMultipart(
  { bucket, key }: ObjectRef,
  uploadId: string,
  parts: readonly PartToJoin[],
  whole: {
    sizeBytes?: number;
    checksumCrc32?: string;
    tryMs?: number;
    signal?: AbortSignal | undefined;
  } = {},
): Promise<{ etag: string }> {
  const list = parts.map(
    ({ partNumber, etag, checksumCrc32 }) =>
      `<Part><PartNumber>${partNumber}</PartNumber><ETag>${etag}</ETag>${checksumCrc32 ? `<ChecksumCRC32>${checksumCrc32}</ChecksumCRC32>` : ""}</Part>`,
  );
  const headers: Record<string, string> = { "content-type": "application/xml" };
  if (whole.sizeBytes !== undefined) headers["x-amz-mp-object-size"] = String(whole.sizeBytes);
  if (whole.checksumCrc32 !== undefined) headers["x-amz-checksum-crc32"] = whole.checksumCrc32;
  const text = await storageCall(
    {
      operation: "CompleteMultipartUpload",
      method: "POST",
      bucket,
      key,
      query: { uploadId },
      headers,
      body: `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${list.join("")}</CompleteMultipartUpload>`,
      signal: whole.signal,
      tryMs: whole.tryMs ?? 20_000,
      totalMs: whole.tryMs ?? 20_000,
    },
    readCompletion,
  ).catch((error: unknown) => {
    // Sizes that differ are an InvalidRequest, whatever else may be wrong with a request being our own fault.
    if (error instanceof AwsError && error.code === "InvalidRequest") {
      throw new ContentMismatch(error.message, { cause: error });
    }
    throw error;
  });
  return { etag: /<ETag>(?:&quot;|&#34;|")?([^<&"]+)/.exec(text)?.[1] ?? "" };
}

/** S3 says 200 before it has joined the parts, and may still fail: then the body is an error document. */
async function readCompletion(answer: Parameters<typeof readBytes>[0]): Promise<string> {
  const text = (await readBytes(answer)).toString();
  const code = /<Error>.*?<Code>([^<]+)<\/Code>/s.exec(text)?.[1];
  if (code) throw new Error(`CompleteMultipartUpload: ${code}`);
  return text;
}

/** Frees all parts. One that is gone already is no error. */
export async function abortMultipart({ bucket, key }: ObjectRef, uploadId: string): Promise<void> {
  const request = {
    operation: "AbortMultipartUpload",
    method: "DELETE",
    bucket,
    key,
    query: { uploadId },
  } as const;
  try {
    await storageCall(request, readHeaders);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
}

/** The place of a multipart upload that is still open. */
export type OpenMultipart = { bucket: Bucket; key: string; uploadId: string; startedAt: string };
