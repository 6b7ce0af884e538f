import { encode } from "../aws/sigv4.ts";
import { readBytes } from "../aws/transport.ts";
import { config } from "../config.ts";
import type { ObjectRef } from "./address.ts";
import { storageCall } from "./request.ts";

/** S3 copies larger objects part by part only. */
export const maximumCopyBytes = 5 * 1024 ** 3;

/**
 * Makes a version of an object its newest, with metadata and tags as they were; those in between stay. S3 does it
 * without the bytes coming here. Throws `NotFound` where there is no such version.
 */
export async function copyVersion({ bucket, key }: ObjectRef, versionId: string): Promise<void> {
  const source = `${config().buckets[bucket]}/${key.split("/").map(encode).join("/")}`;
  const headers = { "x-amz-copy-source": `${source}?versionId=${encode(versionId)}` };
  const patience = { tryMs: 25_000, totalMs: 25_000 };
  const text = await storageCall(
    { operation: "CopyObject", method: "PUT", bucket, key, headers, ...patience },
    readBytes,
  );
  // S3 says 200 before it has copied, and may still fail: then the body is an error document.
  const code = /<Error>.*?<Code>([^<]+)<\/Code>/s.exec(text.toString())?.[1];
  if (code) throw new Error(`CopyObject: ${code}`);
}
