import { createHash } from "node:crypto";
import { incompleteBody, invalidRequest, S3Error } from "./errors.ts";
import { hmacSha256, type Signer, sameSignature, sha256Hex } from "./sigv4.ts";

const LONGEST_LINE_BYTES = 8192;
const CRLF = "\r\n";
const NOTHING_SHA256 = sha256Hex("");

/** Undoes `content-encoding: aws-chunked`: yields the payload and leaves the trailers in `trailers`.
 * With a signer each chunk's signature is checked before the next one is read.
 * @throws IncompleteBody, InvalidRequest, SignatureDoesNotMatch */
export async function* decodeChunks(
  source: AsyncIterable<Buffer>,
  signer: Signer | null,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const input = new Input(source);
  const signatures = signer && new SignatureChain(signer);
  try {
    for (;;) {
      const { sizeBytes, signature } = chunkHead(await input.line());
      const hash = signatures && createHash("sha256");
      for (let left = sizeBytes; left > 0; ) {
        const bytes = await input.upTo(left);
        left -= bytes.length;
        hash?.update(bytes);
        yield bytes;
      }
      if (hash) signatures?.check("PAYLOAD", `${NOTHING_SHA256}\n${hash.digest("hex")}`, signature);
      if (sizeBytes === 0) break;
      if ((await input.line()) !== "") throw invalidRequest("A chunk is longer than its announced size");
    }
    await readTrailers(input, trailers, signatures);
  } finally {
    await input.close();
  }
}

function chunkHead(line: string): { sizeBytes: number; signature: string } {
  const [, size = "", signature = ""] =
    /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line) ?? [];
  if (!size) throw invalidRequest("The chunk header is not valid");
  return { sizeBytes: Number.parseInt(size, 16), signature };
}

async function readTrailers(
  input: Input,
  trailers: Map<string, string>,
  signatures: SignatureChain | null,
): Promise<void> {
  let lines = "";
  let signed = "";
  for (let line = await input.line(); line !== ""; line = await input.line()) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "x-amz-trailer-signature") {
      signatures?.check("TRAILER", sha256Hex(lines), value);
      signed = lines;
      continue;
    }
    trailers.set(name, value);
    lines += `${name}:${value}\n`;
  }
  // A trailer left out of the signature could be anybody's.
  if (signatures && signed !== lines) throw mismatch();
}

const mismatch = () =>
  new S3Error(
    "SignatureDoesNotMatch",
    403,
    "The chunk signature we calculated does not match the signature you provided.",
  );

/** Each signature covers the one before it, from the request's own on. */
class SignatureChain {
  readonly #signer: Signer;
  #previous: string;

  constructor(signer: Signer) {
    this.#signer = signer;
    this.#previous = signer.signature;
  }

  check(kind: "PAYLOAD" | "TRAILER", what: string, given: string): void {
    const { date, scope, signingKey } = this.#signer;
    const text = [`AWS4-HMAC-SHA256-${kind}`, date, scope, this.#previous, what].join("\n");
    const expected = hmacSha256(signingKey, text);
    if (!sameSignature(expected, given)) throw mismatch();
    this.#previous = given;
  }
}

/** Pulls lines and runs of bytes off a stream, copying only where a line spans two chunks. */
class Input {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf(CRLF);
      if (end >= 0) {
        const text = this.#buffer.toString("utf8", 0, end);
        this.#buffer = this.#buffer.subarray(end + CRLF.length);
        return text;
      }
      if (this.#buffer.length > LONGEST_LINE_BYTES) throw invalidRequest("The chunk header is not valid");
      const more = await this.#next();
      this.#buffer = this.#buffer.length === 0 ? more : Buffer.concat([this.#buffer, more]);
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async upTo(bytes: number): Promise<Buffer> {
    if (this.#buffer.length === 0) this.#buffer = await this.#next();
    const taken = this.#buffer.subarray(0, bytes);
    this.#buffer = this.#buffer.subarray(taken.length);
    return taken;
  }

  async #next(): Promise<Buffer> {
    const { done, value } = await this.#source.next();
    if (done) throw incompleteBody();
    return value;
  }
}
