import type { Blobs } from "./blobs.ts";
import {
  type Algorithm,
  announcedChecksum,
  type Checksum,
  checksumHeader,
  Digester,
  type Digests,
  parseAlgorithm,
  verifyChecksum,
} from "./checksums.ts";
import { decodeChunks } from "./chunked.ts";
import { badDigest, incompleteBody, notImplemented, S3Error } from "./errors.ts";
import { type Exchange, isHoisted } from "./exchange.ts";
import { spoilt } from "./faults.ts";

export type Received = Digests & {
  /** The one the client sent, in a header or trailer, and that held. */
  checksum: Checksum | null;
};

const LARGEST_PUT_BYTES = 5 * 1024 ** 3;
const LARGEST_DOCUMENT_BYTES = 4 * 1024 ** 2;
const CRC32_OF_NOTHING = "AAAAAA==";

/** Stores the request's body as a blob once every length, hash and checksum it came with has held.
 * @throws BadDigest, XAmzContentSHA256Mismatch, IncompleteBody and others; then nothing is stored */
export async function receiveBlob(exchange: Exchange, blobs: Blobs): Promise<Received & { blob: string }> {
  const { headers } = exchange;
  const length = Number(headers["x-amz-decoded-content-length"] ?? headers["content-length"]);
  if (Number.isNaN(length) && !headers["transfer-encoding"]) throw missingLength();
  if (length > LARGEST_PUT_BYTES)
    throw new S3Error("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size", {
      ProposedSize: length,
      MaxSizeAllowed: LARGEST_PUT_BYTES,
    });
  const writer = await blobs.create();
  try {
    const received = await receive(exchange, (chunk) => writer.write(chunk));
    await writer.close();
    return { ...received, blob: writer.id };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** A small document, checked like any body. */
export async function receiveText(exchange: Exchange): Promise<Received & { text: string }> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const received = await receive(exchange, (chunk) => {
    sizeBytes += chunk.length;
    if (sizeBytes > LARGEST_DOCUMENT_BYTES)
      throw new S3Error("MaxMessageLengthExceeded", 400, "Your request was too big.");
    chunks.push(chunk);
    return undefined;
  });
  return { ...received, text: Buffer.concat(chunks).toString("utf8") };
}

async function receive(
  exchange: Exchange,
  sink: (chunk: Buffer) => Promise<void> | undefined,
): Promise<Received> {
  const { headers, signer } = exchange;
  const payload = headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD";
  const chunked = payload.startsWith("STREAMING-");
  const expectedBytes = announcedLength(exchange, chunked);
  const announced = bodyChecksum(exchange);
  const trailing = chunked ? trailingAlgorithm(headers["x-amz-trailer"]) : null;
  const algorithm = announced?.algorithm ?? trailing;
  const digester = new Digester({
    sha1: algorithm === "SHA1",
    sha256: algorithm === "SHA256" || /^[0-9a-f]{64}$/.test(payload),
  });
  const trailers = new Map<string, string>();
  const wire = wireBytes(exchange);
  const signedChunks = payload.startsWith("STREAMING-AWS4-HMAC-SHA256") ? signer : null;
  for await (const chunk of chunked ? decodeChunks(wire, signedChunks, trailers) : wire) {
    digester.update(chunk);
    await sink(chunk);
  }
  const digests = digester.finish();
  if (digests.sizeBytes !== expectedBytes) throw incompleteBody();
  verifyHashes(digests, payload, headers["content-md5"]);
  const checksum = announced ?? (trailing && trailingChecksum(trailing, trailers));
  if (checksum && !isSdkPlaceholder(exchange, checksum, digests)) {
    verifyChecksum(digests, checksum);
    return { ...digests, checksum };
  }
  return { ...digests, checksum: null };
}

/** Body bytes off the socket, counted, and spoilt where a test has ordered so. */
async function* wireBytes(exchange: Exchange): AsyncGenerator<Buffer> {
  const { request, fault } = exchange;
  // A body given up half-way is still drained, so that the answer reaches the client.
  const source: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  const line = fault ? spoilt(source, fault, () => request.destroy()) : source;
  try {
    for await (const chunk of line) {
      exchange.bytesIn += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if (error instanceof S3Error || request.complete) throw error;
    throw new S3Error("RequestTimeout", 400, "The connection was closed before the body was complete.");
  }
}

function announcedLength({ headers }: Exchange, chunked: boolean): number {
  if (!chunked && headers["transfer-encoding"]) throw notImplemented("Transfer-Encoding");
  const length = headers[chunked ? "x-amz-decoded-content-length" : "content-length"];
  // A request without a body, such as the POST that starts an upload, need not tell its length.
  const bytes = Number(length ?? (chunked ? Number.NaN : 0));
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw missingLength();
  return bytes;
}

const missingLength = () =>
  new S3Error("MissingContentLength", 411, "You must provide the Content-Length HTTP header.");

/** UploadPart and PutObject announce the body's; Complete's is the object's and not for here. */
function bodyChecksum(exchange: Exchange): Checksum | null {
  return exchange.method === "POST" && exchange.query.has("uploadId")
    ? null
    : announcedChecksum(exchange.headers);
}

/** The SDK's presigner puts the CRC32 of an empty body into a URL made for any body. */
function isSdkPlaceholder(exchange: Exchange, checksum: Checksum, digests: Digests): boolean {
  return (
    checksum.value === CRC32_OF_NOTHING &&
    digests.sizeBytes > 0 &&
    isHoisted(exchange, checksumHeader(checksum.algorithm))
  );
}

function trailingAlgorithm(trailer: string | undefined): Algorithm | null {
  const name = trailer?.trim().toLowerCase();
  return name?.startsWith("x-amz-checksum-") ? parseAlgorithm(name.slice("x-amz-checksum-".length)) : null;
}

function trailingChecksum(algorithm: Algorithm, trailers: Map<string, string>): Checksum {
  const value = trailers.get(checksumHeader(algorithm));
  if (value === undefined)
    throw new S3Error(
      "MalformedTrailerError",
      400,
      "The request contained trailing data that was not well-formed",
    );
  return { algorithm, value };
}

function verifyHashes(digests: Digests, payload: string, contentMd5: string | undefined): void {
  if (digests.sha256 && /^[0-9a-f]{64}$/.test(payload) && payload !== digests.sha256)
    throw new S3Error(
      "XAmzContentSHA256Mismatch",
      400,
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      { ClientComputedContentSHA256: payload, S3ComputedContentSHA256: digests.sha256 },
    );
  if (contentMd5 === undefined) return;
  if (Buffer.from(contentMd5, "base64").length !== 16)
    throw new S3Error("InvalidDigest", 400, "The Content-MD5 you specified was invalid.");
  if (Buffer.from(contentMd5, "base64").toString("hex") !== digests.md5) throw badDigest("Content-MD5");
}
