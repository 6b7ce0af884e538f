import type { IncomingMessage } from "node:http";
import type { Bucket } from "@t2m/contract/keys";
import { type AwsCall, AwsError, call } from "../aws/call.ts";
import { s3Url } from "./address.ts";

/** There is no such object, or no such multipart upload any more. */
export class NotFound extends Error {
  override readonly name = "NotFound";
}

/** The object is there already, where it must not be. */
export class PreconditionFailed extends Error {
  override readonly name = "PreconditionFailed";
}

/** The store holds other bytes or parts than the request says: checksum, size or a part differs. */
export class ContentMismatch extends Error {
  override readonly name = "ContentMismatch";
}

type StorageRequest = {
  operation: string;
  method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  bucket: Bucket;
  key?: string;
  query?: Record<string, string>;
} & Pick<AwsCall, "headers" | "body" | "signal"> &
  Partial<Pick<AwsCall, "tries" | "tryMs" | "totalMs" | "repeatable">>;

/** Throws `NotFound`, `PreconditionFailed`, `ContentMismatch`, or `ApiError` "service.unavailable". */
export async function storageCall<T>(
  request: StorageRequest,
  read: (answer: IncomingMessage) => Promise<T>,
): Promise<T> {
  const { bucket, key, query = {}, ...rest } = request;
  const url = s3Url(bucket, key, query);
  try {
    return await call({ service: "s3", url, repeatable: true, tryMs: 5_000, totalMs: 8_000, ...rest }, read);
  } catch (error) {
    throw error instanceof AwsError
      ? translated(error, `${request.operation} ${bucket}/${key ?? ""}`)
      : error;
  }
}

const mismatches = new Set([
  "BadDigest",
  "InvalidPart",
  "InvalidPartOrder",
  "EntityTooSmall",
  "EntityTooLarge",
  "IncompleteBody",
  "XAmzContentChecksumMismatch",
]);

function translated(error: AwsError, what: string): Error {
  if (error.status === 404) return new NotFound(what, { cause: error });
  if (error.status === 412) return new PreconditionFailed(what, { cause: error });
  if (mismatches.has(error.code)) return new ContentMismatch(what, { cause: error });
  return error;
}

/** Metadata and tags as headers: these are ASCII, so values go percent-encoded. */
export function objectHeaders(object: {
  contentType?: string | undefined;
  metadata?: Record<string, string> | undefined;
  tags?: Record<string, string> | undefined;
}): Record<string, string> {
  const headers: Record<string, string> = {};
  if (object.contentType) headers["content-type"] = object.contentType;
  for (const [name, value] of Object.entries(object.metadata ?? {})) {
    headers[`x-amz-meta-${name}`] = encodeURIComponent(value);
  }
  if (object.tags) headers["x-amz-tagging"] = new URLSearchParams(object.tags).toString();
  return headers;
}

/** S3 puts ETags in quotes; ours are without. */
export function unquoted(etag: string): string {
  return etag.replace(/^"|"$/g, "");
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
