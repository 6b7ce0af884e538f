import * as z from "zod/mini";
import { S3Error } from "./errors.ts";
import type { Headers } from "./exchange.ts";

const KEPT = new Set([
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-storage-class",
  "x-amz-website-redirect-location",
]);
const LARGEST_METADATA_BYTES = 2048;
const MOST_TAGS = 10;

/** The headers that stay with the object, as JSON. @throws MetadataTooLarge */
export function storedHeaders(headers: Headers): string {
  const kept: Record<string, string> = { "content-type": "binary/octet-stream" };
  let metadataBytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const isUser = name.startsWith("x-amz-meta-");
    if (isUser) metadataBytes += Buffer.byteLength(name.slice("x-amz-meta-".length) + value);
    if (isUser || KEPT.has(name)) kept[name] = value;
  }
  if (metadataBytes > LARGEST_METADATA_BYTES)
    throw new S3Error(
      "MetadataTooLarge",
      400,
      "Your metadata headers exceed the maximum allowed metadata size",
      { Size: metadataBytes, MaxSizeAllowed: LARGEST_METADATA_BYTES },
    );
  // aws-chunked is how the body travelled, not how it is stored.
  const encodings = (kept["content-encoding"] ?? "").split(",").map((coding) => coding.trim());
  const encoding = encodings.filter((coding) => coding !== "" && coding !== "aws-chunked").join(",");
  const { "content-encoding": _, ...rest } = kept;
  return JSON.stringify(encoding ? { ...rest, "content-encoding": encoding } : rest);
}

export const readHeaders = (json: string): Record<string, string> =>
  z.record(z.string(), z.string()).parse(JSON.parse(json));

export const storageClass = (json: string) => readHeaders(json)["x-amz-storage-class"] ?? "STANDARD";

/** Tags as S3 limits them. @throws BadRequest, InvalidTag */
export function checkTags(tags: URLSearchParams): string {
  const names = [...tags.keys()];
  if (names.length > MOST_TAGS)
    throw new S3Error("BadRequest", 400, `Object tags cannot be greater than ${MOST_TAGS}`);
  if (new Set(names).size < names.length)
    throw new S3Error("InvalidTag", 400, "Cannot provide multiple Tags with the same key");
  return tags.toString();
}

export const headerTags = (headers: Headers) =>
  checkTags(new URLSearchParams(headers["x-amz-tagging"] ?? ""));
