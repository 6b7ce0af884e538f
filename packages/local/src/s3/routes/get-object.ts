import { written } from "@t2m/core/http/written";
import { needBucket } from "../buckets.ts";
import { type ByteRange, checkReadable, parseRange, rangeHolds } from "../conditions.ts";
import { quoted } from "../encoding.ts";
import { invalidArgument, S3Error } from "../errors.ts";
import type { Exchange, Headers } from "../exchange.ts";
import { spoilt } from "../faults.ts";
import { readHeaders } from "../metadata.ts";
import { needObject, type ObjectRow, pieceNumbered, piecesWithin } from "../objects.ts";
import type { Store } from "../store.ts";

/** GET and HEAD. */
export async function getObject(store: Store, exchange: Exchange): Promise<void> {
  const { bucket, key, headers, query, response, method } = exchange;
  const object = needObject(store, exchange, bucket, key, query.get("versionId"));
  response.setHeader("ETag", quoted(object.etag));
  response.setHeader("Last-Modified", new Date(object.modifiedAt).toUTCString());
  response.setHeader("Accept-Ranges", "bytes");
  if (needBucket(store.database, bucket).versioning) response.setHeader("x-amz-version-id", object.version);
  checkReadable(headers, object);
  const range = partRange(store, exchange, object) ?? askedRange(headers, object);
  describe(exchange, object, range !== null);
  if (range) response.setHeader("Content-Range", `bytes ${range.first}-${range.last}/${object.sizeBytes}`);
  const { first, last } = range ?? { first: 0, last: object.sizeBytes - 1 };
  response.writeHead(range ? 206 : 200, { "content-length": last - first + 1 });
  if (method === "HEAD" || first > last) return void response.end();
  const pieces = piecesWithin(store.database, object.seq, first, last);
  const release = store.blobs.hold(pieces);
  await send(exchange, store.blobs.read(pieces, first, last)).finally(release);
}

const askedRange = (headers: Headers, object: ObjectRow): ByteRange | null =>
  rangeHolds(headers, object) ? parseRange(headers.range, object.sizeBytes) : null;

/** `partNumber=`: the bytes of one part as it was uploaded. */
function partRange({ database }: Store, { query, response }: Exchange, object: ObjectRow): ByteRange | null {
  const wanted = query.get("partNumber");
  if (wanted === null) return null;
  const piece = pieceNumbered(database, object.seq, Number(wanted));
  if (!piece) throw new S3Error("InvalidPartNumber", 416, "The requested partnumber is not satisfiable");
  if (object.parts > 0) response.setHeader("x-amz-mp-parts-count", object.parts);
  return object.sizeBytes === 0
    ? null
    : { first: piece.startByte, last: piece.startByte + piece.sizeBytes - 1 };
}

const OVERRIDABLE = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
];

function headerValue(name: string, value: string): string {
  if (/^[\t\x20-\x7e\xa0-\xff]*$/.test(value)) return value;
  throw invalidArgument("Header value cannot be represented using ISO-8859-1.", name, value);
}

function describe({ headers, query, response }: Exchange, object: ObjectRow, partly: boolean): void {
  for (const [name, value] of Object.entries(readHeaders(object.headers))) response.setHeader(name, value);
  for (const name of OVERRIDABLE) {
    const value = query.get(`response-${name}`);
    if (value !== null) response.setHeader(name, headerValue(`response-${name}`, value));
  }
  if (object.tags) response.setHeader("x-amz-tagging-count", new URLSearchParams(object.tags).size);
  // The stored value is of the whole object: for a range it would fail the reader's check.
  if (!object.checksum || partly || headers["x-amz-checksum-mode"] !== "ENABLED") return;
  response.setHeader(`x-amz-checksum-${object.checksumAlgorithm.toLowerCase()}`, object.checksum);
  response.setHeader("x-amz-checksum-type", object.checksumType);
}

async function send(exchange: Exchange, bytes: AsyncGenerator<Buffer>): Promise<void> {
  const { response, fault } = exchange;
  const line = fault ? spoilt(bytes, fault, () => response.destroy()) : bytes;
  try {
    for await (const chunk of line) {
      exchange.bytesOut += chunk.length;
      await written(response, chunk);
    }
    response.end();
  } catch {
    // The reader left, or the disk failed under us: a broken connection tells it, the head has gone out.
    response.destroy();
  }
}
