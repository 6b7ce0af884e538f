import type { Bucket } from "@t2m/contract/keys";
import { AwsError } from "../aws/call.ts";
import { pour, readBytes, readHeaders } from "../aws/transport.ts";
import type { ObjectRef } from "./address.ts";
import { escapeXml, NotFound, objectHeaders, storageCall, unquoted } from "./request.ts";

export type { ObjectRef } from "./address.ts";
export { NotFound, PreconditionFailed } from "./request.ts";

export type ObjectFacts = {
  sizeBytes: number;
  etag: string;
  contentType: string;
  metadata: Record<string, string>;
  /** Base64, where the object was stored with one. */
  checksumCrc32?: string;
};

const metadataHeader = "x-amz-meta-";

/** Facts of an object, or undefined where there is none. */
export async function headObject({ bucket, key }: ObjectRef): Promise<ObjectFacts | undefined> {
  const headers = { "x-amz-checksum-mode": "ENABLED" };
  try {
    const found = await storageCall(
      { operation: "HeadObject", method: "HEAD", bucket, key, headers },
      readHeaders,
    );
    const metadata = Object.entries(found).flatMap(([name, value]) =>
      name.startsWith(metadataHeader)
        ? [[name.slice(metadataHeader.length), decodeURIComponent(String(value))]]
        : [],
    );
    const checksum = found["x-amz-checksum-crc32"];
    return {
      sizeBytes: Number(found["content-length"]),
      etag: unquoted(String(found.etag)),
      contentType: found["content-type"] ?? "application/octet-stream",
      metadata: Object.fromEntries(metadata),
      ...(typeof checksum === "string" ? { checksumCrc32: checksum } : {}),
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** S3 says 403 in place of 404 to whom the bucket's list is not open, as it is to none of our functions. */
function isMissing(error: unknown): boolean {
  return error instanceof NotFound || (error instanceof AwsError && error.status === 403);
}

/**
 * Hands over bytes `startByte` to `endByte`, both included, as they come. Only beginning is tried again; a body that
 * breaks off is the reader's to ask for anew. Throws `NotFound`, `ApiError` "service.unavailable", or `NoAnswer`.
 */
export async function readRange(
  { bucket, key }: ObjectRef,
  { startByte, endByte, signal }: { startByte: number; endByte: number; signal: AbortSignal },
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  const headers = { range: `bytes=${startByte}-${endByte}` };
  const request = { operation: "GetObject", method: "GET", bucket, key, headers, signal } as const;
  const body = await storageCall({ ...request, tryMs: 15_000, totalMs: 30_000, tries: 5 }, async (answer) => {
    const poured = pour(answer, { idleMs: 15_000, signal }, take);
    // An abort at this moment ends the call itself, and then nobody waits for the body.
    poured.catch(() => undefined);
    return { poured };
  });
  await body.poured;
}

/** A small object whole. Throws `NotFound`. */
export async function readObject({ bucket, key }: ObjectRef): Promise<Buffer> {
  return storageCall({ operation: "GetObject", method: "GET", bucket, key }, readBytes);
}

/**
 * Stores a small object whole. `ifNoneMatch`: only where no object has that key yet, else `PreconditionFailed`;
 * after an unclear failure that may be our own.
 */
export async function putObject(object: {
  bucket: Bucket;
  key: string;
  body: string | Uint8Array;
  contentType: string;
  metadata?: Record<string, string>;
  tags?: Record<string, string>;
  ifNoneMatch?: "*";
  signal?: AbortSignal;
}): Promise<void> {
  const { bucket, key, body, ifNoneMatch, signal } = object;
  const headers = objectHeaders(object);
  if (ifNoneMatch) headers["if-none-match"] = ifNoneMatch;
  await storageCall(
    { operation: "PutObject", method: "PUT", bucket, key, headers, body, signal, repeatable: !ifNoneMatch },
    readHeaders,
  );
}

/** Replaces an object's tags. Throws `NotFound`. */
export async function tagObject({ bucket, key }: ObjectRef, tags: Record<string, string>): Promise<void> {
  const set = Object.entries(tags)
    .map(([name, value]) => `<Tag><Key>${escapeXml(name)}</Key><Value>${escapeXml(value)}</Value></Tag>`)
    .join("");
  await storageCall(
    {
      operation: "PutObjectTagging",
      method: "PUT",
      bucket,
      key,
      query: { tagging: "" },
      body: `<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>${set}</TagSet></Tagging>`,
    },
    readHeaders,
  ).catch((error: unknown) => {
    throw isMissing(error) ? new NotFound(`PutObjectTagging ${bucket}/${key}`, { cause: error }) : error;
  });
}

/**
 * Whether the bucket answers us, asked once. By a list below `prefix` and not by HeadBucket, which needs the right to
 * list all of it. Throws `ApiError` "service.unavailable", or what S3 refuses us with.
 */
export async function touchBucket(bucket: Bucket, prefix: string): Promise<void> {
  const query = { "list-type": "2", "max-keys": "1", prefix };
  const limits = { tries: 1, tryMs: 2_000, totalMs: 2_000 };
  await storageCall({ operation: "ListObjectsV2", method: "GET", bucket, query, ...limits }, readBytes);
}
