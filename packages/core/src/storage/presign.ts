import {
  downloadUrlLifetimeSeconds,
  partUrlLifetimeSeconds,
  playUrlLifetimeSeconds,
} from "@t2m/contract/limits";
import { encode, querySigner } from "../aws/sigv4.ts";
import { config } from "../config.ts";
import { unavailable } from "../errors.ts";
import { locate, type ObjectRef } from "./address.ts";

/**
 * A signed URL dies with the credentials that signed it. Lambda gives a function the credentials of a role session
 * when it starts and does not say when they end; 12 hours are reported (boto/boto3#2392) and no promise of AWS.
 * We count on half of that from the process's start. Whoever gets older still signs for a quarter of an hour: a URL
 * that dies early is signed anew.
 */
const assumedSessionSeconds = 6 * 3_600;
const hopedForSeconds = 15 * 60;

/** For how long a URL signed now may be promised, in seconds, at most `wantedSeconds`. */
export function lifetimeSeconds(wantedSeconds: number, now: Date): number {
  const { sessionToken, expiresAt } = config().aws.credentials;
  if (expiresAt) {
    const left = Math.floor((expiresAt.getTime() - now.getTime()) / 1000);
    if (left < 1) throw unavailable("object store", new Error("the credentials of this process have ended"));
    return Math.min(wantedSeconds, left);
  }
  if (!sessionToken) return wantedSeconds;
  const assumedLeft = Math.floor(assumedSessionSeconds - process.uptime());
  return Math.min(wantedSeconds, Math.max(assumedLeft, hopedForSeconds));
}

export type SignedPartUrl = { url: string; headers: Record<string, string> };

/**
 * Signs part after part of one multipart upload: each URL is good for exactly `sizeBytes` with that CRC32, and the
 * client has to send `headers` with it.
 */
export function partSigner(ref: ObjectRef, multipartId: string, now = new Date()) {
  const seconds = lifetimeSeconds(partUrlLifetimeSeconds, now);
  const { origin, host, path } = locate(ref.bucket, ref.key);
  const sign = querySigner(signer(), { method: "PUT", host, path }, seconds, now);
  return {
    expiresAt: new Date(now.getTime() + seconds * 1000),
    sign(partNumber: number, sizeBytes: number, checksumCrc32: string): SignedPartUrl {
      const headers = { "x-amz-checksum-crc32": checksumCrc32 };
      const query = sign(
        { partNumber: String(partNumber), uploadId: multipartId },
        { ...headers, "content-length": String(sizeBytes) },
      );
      return { url: `${origin}${path}?${query}`, headers };
    },
  };
}

/**
 * A URL of an object under its owner's own file name: to save it for 15 minutes, or to play it for two hours.
 * `versionId`: of that version, and not of the newest.
 */
export function signDownload(
  ref: ObjectRef,
  file: { fileName: string; contentType: string; use: "download" | "play"; versionId?: string },
  now = new Date(),
): { url: string; expiresAt: Date } {
  const wanted = file.use === "play" ? playUrlLifetimeSeconds : downloadUrlLifetimeSeconds;
  const seconds = lifetimeSeconds(wanted, now);
  const { origin, host, path } = locate(ref.bucket, ref.key);
  const query = querySigner(
    signer(),
    { method: "GET", host, path },
    seconds,
    now,
  )({
    "response-content-disposition": contentDisposition(
      file.use === "play" ? "inline" : "attachment",
      file.fileName,
    ),
    "response-content-type": file.contentType,
    ...(file.versionId === undefined ? {} : { versionId: file.versionId }),
  });
  return { url: `${origin}${path}?${query}`, expiresAt: new Date(now.getTime() + seconds * 1000) };
}

/**
 * RFC 6266: a plain name for old clients and, where it says less, the true one in UTF-8. No character of the name
 * can end the quotes or the header.
 */
export function contentDisposition(kind: "attachment" | "inline", fileName: string): string {
  const plain = fileName.replace(/[^\x20-\x7e]/g, "_").replace(/["\\]/g, "_");
  const full = plain === fileName ? "" : `; filename*=UTF-8''${encode(fileName.toWellFormed())}`;
  return `${kind}; filename="${plain}"${full}`;
}

function signer() {
  const { credentials, region } = config().aws;
  return { credentials, region, service: "s3" } as const;
}
