import { createHash } from "node:crypto";
import * as z from "zod/mini";
import {
  checksumElement,
  checksumHeader,
  combineCrc32,
  compositeChecksum,
  crc32Base64,
} from "../checksums.ts";
import { checkWritable } from "../conditions.ts";
import { quoted, unquoted, uriEncode } from "../encoding.ts";
import { badDigest, invalidRequest, malformedXml, S3Error } from "../errors.ts";
import { type Exchange, type Headers, sendXml } from "../exchange.ts";
import { recordEvent } from "../notifications.ts";
import { type Draft, insertObject, liveObject } from "../objects.ts";
import { receiveText } from "../receive.ts";
import { commit, type Store } from "../store.ts";
import { needUpload, type Part, partsOf, removeUpload, type Upload } from "../uploads.ts";
import { parseXml } from "../xml.ts";

const ListedPart = z.object({
  PartNumber: z.string().check(z.regex(/^\d{1,5}$/)),
  ETag: z.string(),
  ChecksumCRC32: z.optional(z.string()),
  ChecksumSHA1: z.optional(z.string()),
  ChecksumSHA256: z.optional(z.string()),
});
type ListedPart = z.infer<typeof ListedPart>;
const CompleteRequest = z.object({ Part: z.array(ListedPart) });

/** Makes the object of its parts' blobs as they lie: no byte is read or moved, however large it is. */
export async function completeUpload(store: Store, exchange: Exchange): Promise<void> {
  const { bucket, key, query, headers, request, response } = exchange;
  const uploadId = query.get("uploadId") ?? "";
  needUpload(store.database, bucket, key, uploadId);
  const { text } = await receiveText(exchange);
  const listed = parseXml(text, "CompleteMultipartUpload", CompleteRequest).Part;
  if (listed.length === 0) throw malformedXml();
  const { draft, written } = await commit(store, (change) => {
    const upload = needUpload(store.database, bucket, key, uploadId);
    const draft = assemble(upload, chooseParts(store, upload, listed), headers);
    checkWritable(headers, key, liveObject(store.database, bucket, key));
    const written = insertObject(store, change, draft);
    removeUpload(store, change, uploadId, new Set(draft.pieces.map((piece) => piece.blob)));
    const { sizeBytes, etag } = draft;
    const version = written.versioned ? written.version : null;
    recordEvent(store, exchange, {
      name: "ObjectCreated:CompleteMultipartUpload",
      key,
      sizeBytes,
      etag,
      version,
    });
    return { draft, written };
  });
  if (written.versioned) response.setHeader("x-amz-version-id", written.version);
  const { checksumAlgorithm: algorithm, checksumType, checksum } = draft;
  sendXml(exchange, "CompleteMultipartUploadResult", {
    Location: `http://${request.headers.host}/${bucket}/${uriEncode(key)}`,
    Bucket: bucket,
    Key: key,
    ETag: quoted(draft.etag),
    ...(algorithm ? { [checksumElement(algorithm)]: checksum, ChecksumType: checksumType } : {}),
  });
}

/** The stored parts the client listed. @throws InvalidPartOrder, InvalidPart, EntityTooSmall, InvalidRequest */
function chooseParts(store: Store, upload: Upload, listed: ListedPart[]): Part[] {
  listed.reduce((previous, { PartNumber }) => {
    if (Number(PartNumber) <= previous)
      throw new S3Error(
        "InvalidPartOrder",
        400,
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
        { UploadId: upload.id },
      );
    return Number(PartNumber);
  }, 0);
  const stored = new Map(partsOf(store.database, upload.id).map((part) => [part.number, part]));
  return listed.map((entry, index) => {
    const part = stored.get(Number(entry.PartNumber));
    if (!part || unquoted(entry.ETag) !== part.md5) throw invalidPart(upload, entry);
    checkListedChecksum(upload, entry, part);
    if (index < listed.length - 1 && part.sizeBytes < store.minimumPartBytes)
      throw new S3Error(
        "EntityTooSmall",
        400,
        "Your proposed upload is smaller than the minimum allowed size",
        {
          ProposedSize: part.sizeBytes,
          MinSizeAllowed: store.minimumPartBytes,
          PartNumber: part.number,
          ETag: part.md5,
        },
      );
    return part;
  });
}

const invalidPart = (upload: Upload, entry: ListedPart) =>
  new S3Error(
    "InvalidPart",
    400,
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { UploadId: upload.id, PartNumber: entry.PartNumber, ETag: unquoted(entry.ETag) },
  );

function checkListedChecksum(upload: Upload, entry: ListedPart, part: Part): void {
  const { checksumAlgorithm: algorithm, checksumType } = upload;
  if (!algorithm) return;
  const given = entry[checksumElement(algorithm)];
  if (given !== undefined && given !== part.checksum) throw invalidPart(upload, entry);
  if (given === undefined && checksumType === "COMPOSITE")
    throw invalidRequest(
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${entry.PartNumber} in the request.`,
    );
}

/** @throws BadDigest, InvalidRequest when the client's idea of the whole is another */
function assemble(upload: Upload, parts: Part[], headers: Headers): Draft {
  let startByte = 0;
  const pieces = parts.map(({ blob, sizeBytes, checksum }) => {
    const piece = { blob, startByte, sizeBytes, checksum };
    startByte += sizeBytes;
    return piece;
  });
  const announcedSize = headers["x-amz-mp-object-size"];
  if (announcedSize !== undefined && Number(announcedSize) !== startByte)
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${announcedSize} does not match what was computed: ${startByte}`,
    );
  const md5s = Buffer.concat(parts.map((part) => Buffer.from(part.md5, "hex")));
  const { bucket, key, headers: kept, tags, checksumAlgorithm, checksumType } = upload;
  return {
    bucket,
    key,
    sizeBytes: startByte,
    etag: `${createHash("md5").update(md5s).digest("hex")}-${parts.length}`,
    headers: kept,
    tags,
    parts: parts.length,
    checksumAlgorithm,
    checksumType,
    checksum: wholeChecksum(upload, parts, headers),
    pieces,
  };
}

function wholeChecksum(upload: Upload, parts: Part[], headers: Headers): string {
  const { checksumAlgorithm: algorithm, checksumType } = upload;
  const type = headers["x-amz-checksum-type"];
  if (type !== undefined && type !== checksumType)
    throw invalidRequest(
      `The upload was created using the ${checksumType || "null"} checksum mode. The complete request must use the same checksum mode.`,
    );
  const checksum =
    checksumType === "FULL_OBJECT"
      ? crc32Base64(combineCrc32(parts))
      : algorithm &&
        compositeChecksum(
          algorithm,
          parts.map((part) => part.checksum),
        );
  // Of an upload without an algorithm the CRC32 is still known, so a client's word about it can be held to it.
  const announced = headers[checksumHeader(algorithm || "CRC32")];
  const actual = checksum || crc32Base64(combineCrc32(parts));
  if (announced !== undefined && announced !== actual) throw badDigest(algorithm || "CRC32");
  return checksum;
}
