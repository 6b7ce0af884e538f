import { randomBytes } from "node:crypto";
import { needBucket } from "../buckets.ts";
import {
  type ChecksumType,
  checksumElement,
  checksumHeader,
  checksumOf,
  parseAlgorithm,
} from "../checksums.ts";
import { parseRange } from "../conditions.ts";
import { copyBytes, copySource } from "../copy.ts";
import { isoTime, quoted } from "../encoding.ts";
import { invalidArgument, invalidRequest } from "../errors.ts";
import { type Exchange, type Headers, sendEmpty, sendXml } from "../exchange.ts";
import { headerTags, storedHeaders } from "../metadata.ts";
import { piecesOf } from "../objects.ts";
import { type Received, receiveBlob, receiveText } from "../receive.ts";
import { commit, type Store } from "../store.ts";
import { needUpload, type Part, putPart, removeUpload, type Upload } from "../uploads.ts";

const MOST_PARTS = 10_000;

export async function createUpload(store: Store, exchange: Exchange): Promise<void> {
  const { bucket, key, headers, response } = exchange;
  needBucket(store.database, bucket);
  await receiveText(exchange);
  const named = headers["x-amz-checksum-algorithm"];
  const algorithm = named ? parseAlgorithm(named) : "";
  const type = checksumType(headers, algorithm);
  const id = randomBytes(48).toString("base64url");
  store.database.run(
    `insert into upload(id, bucket, key, createdAt, headers, tags, checksumAlgorithm, checksumType)
       values(?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    bucket,
    key,
    Date.now(),
    storedHeaders(headers),
    headerTags(headers),
    algorithm,
    type,
  );
  if (algorithm) {
    response.setHeader("x-amz-checksum-algorithm", algorithm);
    response.setHeader("x-amz-checksum-type", type);
  }
  sendXml(exchange, "InitiateMultipartUploadResult", { Bucket: bucket, Key: key, UploadId: id });
}

function checksumType(headers: Headers, algorithm: string): ChecksumType | "" {
  const asked = headers["x-amz-checksum-type"];
  if (asked === undefined) return algorithm ? "COMPOSITE" : "";
  if (!algorithm)
    throw invalidRequest(
      "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
    );
  if (asked !== "COMPOSITE" && asked !== "FULL_OBJECT")
    throw invalidRequest("Value for x-amz-checksum-type header is invalid.");
  if (asked === "FULL_OBJECT" && algorithm !== "CRC32")
    throw invalidRequest(
      `The FULL_OBJECT checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  return asked;
}

export async function uploadPart(store: Store, exchange: Exchange): Promise<void> {
  const { bucket, key, query, response } = exchange;
  const upload = needUpload(store.database, bucket, key, query.get("uploadId") ?? "");
  const number = partNumber(query);
  const body = await receiveBlob(exchange, store.blobs);
  const part = { number, blob: body.blob, sizeBytes: body.sizeBytes, md5: body.md5, crc32: body.crc32 };
  await storePart(store, upload, () => ({ ...part, checksum: partChecksum(upload, body) }), body.blob);
  response.setHeader("ETag", quoted(body.md5));
  if (body.checksum) response.setHeader(checksumHeader(body.checksum.algorithm), body.checksum.value);
  sendEmpty(exchange);
}

/** The part's checksum in the upload's algorithm. A composite needs the client's own; a full-object CRC is ours anyway. */
function partChecksum(upload: Upload, body: Received): string {
  const { checksumAlgorithm: algorithm, checksumType } = upload;
  if (!algorithm) return "";
  const given = body.checksum?.algorithm ?? null;
  if (given !== algorithm && (given !== null || checksumType === "COMPOSITE"))
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${algorithm.toLowerCase()}, actual checksum Type: ${given?.toLowerCase() ?? "null"}`,
    );
  return checksumOf(body, algorithm);
}

export async function uploadPartCopy(store: Store, exchange: Exchange): Promise<void> {
  const { bucket, key, query, headers } = exchange;
  const upload = needUpload(store.database, bucket, key, query.get("uploadId") ?? "");
  const number = partNumber(query);
  const source = copySource(store, exchange);
  const asked = headers["x-amz-copy-source-range"];
  const range = parseRange(asked, source.sizeBytes);
  if (asked !== undefined && !range)
    throw invalidArgument(
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
      "x-amz-copy-source-range",
      asked,
    );
  const whole = { first: 0, last: source.sizeBytes - 1 };
  const { checksumAlgorithm: algorithm } = upload;
  const copied = await copyBytes(store, piecesOf(store.database, source.seq), range ?? whole, algorithm);
  const { blob, sizeBytes, md5, crc32 } = copied;
  const checksum = algorithm && checksumOf(copied, algorithm);
  const { modifiedAt } = await storePart(
    store,
    upload,
    () => ({ number, blob, sizeBytes, md5, crc32, checksum }),
    blob,
  );
  sendXml(exchange, "CopyPartResult", {
    LastModified: isoTime(modifiedAt),
    ETag: quoted(md5),
    ...(algorithm ? { [checksumElement(algorithm)]: checksum } : {}),
  });
}

/** The upload may have been aborted or completed while the bytes came in, so it is looked up again. */
function storePart(
  store: Store,
  { bucket, key, id }: Upload,
  part: () => Omit<Part, "modifiedAt">,
  blob: string,
): Promise<Part> {
  return commit(
    store,
    (change) => {
      needUpload(store.database, bucket, key, id);
      const stored = { ...part(), modifiedAt: Date.now() };
      putPart(store, change, id, stored);
      return stored;
    },
    blob,
  );
}

function partNumber(query: URLSearchParams): number {
  const text = query.get("partNumber") ?? "";
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > MOST_PARTS)
    throw invalidArgument(
      `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`,
      "partNumber",
      text,
    );
  return number;
}

export async function abortUpload(store: Store, exchange: Exchange): Promise<void> {
  const { bucket, key, query } = exchange;
  await commit(store, (change) => {
    const { id } = needUpload(store.database, bucket, key, query.get("uploadId") ?? "");
    removeUpload(store, change, id);
  });
  sendEmpty(exchange, 204);
}
