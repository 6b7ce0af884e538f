import { crc32 } from "node:zlib";
import type { Bucket } from "@t2m/contract/keys";
import * as z from "zod/mini";
import { readBytes } from "../aws/transport.ts";
import { escapeXml, storageCall } from "./request.ts";
import { parseXml, xmlBoolean, xmlNumber } from "./xml.ts";

export type ObjectVersion = {
  key: string;
  versionId: string;
  isLatest: boolean;
  /** A delete marker hides the versions below it and holds no bytes. */
  isDeleteMarker: boolean;
  sizeBytes: number;
  lastModified: string;
};

const entry = { Key: z.string(), VersionId: z.string(), IsLatest: xmlBoolean, LastModified: z.string() };
const VersionsPage = z.object({
  IsTruncated: xmlBoolean,
  NextKeyMarker: z.optional(z.string()),
  NextVersionIdMarker: z.optional(z.string()),
  Version: z._default(z.array(z.object({ ...entry, Size: xmlNumber })), []),
  DeleteMarker: z._default(z.array(z.object(entry)), []),
});

/** S3's own limit, of a list and of a deletion. */
const largestPage = 1_000;

/** Every version and delete marker below `prefix`, page by page; those of keys after `afterKey` alone. */
export async function* listVersions(
  bucket: Bucket,
  prefix: string,
  afterKey?: string,
  pageSize = largestPage,
): AsyncGenerator<ObjectVersion[]> {
  let markers: Record<string, string> | undefined = afterKey === undefined ? {} : { "key-marker": afterKey };
  while (markers) {
    const query = { versions: "", prefix, "max-keys": String(pageSize), ...markers };
    const text = await storageCall(
      { operation: "ListObjectVersions", method: "GET", bucket, query },
      readBytes,
    );
    const page: z.infer<typeof VersionsPage> = parseXml(text.toString(), "ListVersionsResult", VersionsPage);
    yield [
      ...page.Version.map((version) => ({
        ...facts(version),
        isDeleteMarker: false,
        sizeBytes: version.Size,
      })),
      ...page.DeleteMarker.map((marker) => ({ ...facts(marker), isDeleteMarker: true, sizeBytes: 0 })),
    ];
    const { NextKeyMarker: keyMarker, NextVersionIdMarker: versionMarker } = page;
    markers =
      page.IsTruncated && keyMarker
        ? { "key-marker": keyMarker, ...(versionMarker ? { "version-id-marker": versionMarker } : {}) }
        : undefined;
  }
}

/**
 * Deletes every version and delete marker below `prefix` for good; doing it again deletes nothing more.
 * Gives how many versions went and how many bytes they held. Throws when S3 refuses one of them.
 */
export async function deleteAllVersions(
  bucket: Bucket,
  prefix: string,
  pageSize = largestPage,
): Promise<{ versions: number; sizeBytes: number }> {
  const total = { versions: 0, sizeBytes: 0 };
  for await (const page of listVersions(bucket, prefix, undefined, pageSize)) {
    if (page.length === 0) continue;
    await deleteVersions(bucket, page);
    total.versions += page.length;
    total.sizeBytes += page.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }
  return total;
}

const Refusals = z.object({ Error: z.array(z.object({ Key: z.string(), Code: z.string() })) });

async function deleteVersions(bucket: Bucket, versions: readonly ObjectVersion[]): Promise<void> {
  const objects = versions.map(
    ({ key, versionId }) =>
      `<Object><Key>${escapeXml(key)}</Key><VersionId>${escapeXml(versionId)}</VersionId></Object>`,
  );
  const body = `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects.join("")}</Delete>`;
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  const headers = { "content-type": "application/xml", "x-amz-checksum-crc32": checksum.toString("base64") };
  const request = { operation: "DeleteObjects", method: "POST", bucket, headers, body } as const;
  const text = (await storageCall({ ...request, query: { delete: "" } }, readBytes)).toString();
  if (!text.includes("<Error>")) return;
  const { Error: refused } = parseXml(text, "DeleteResult", Refusals);
  const reasons = refused.map(({ Key, Code }) => `${Key} ${Code}`).slice(0, 10);
  throw new Error(`${refused.length} objects could not be deleted: ${reasons.join(", ")}`);
}

function facts({ Key, VersionId, IsLatest, LastModified }: z.infer<z.ZodMiniObject<typeof entry>>) {
  return { key: Key, versionId: VersionId, isLatest: IsLatest, lastModified: LastModified };
}
