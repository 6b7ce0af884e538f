import { createHash, type Hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { badDigest, invalidRequest, notImplemented } from "./errors.ts";

export type Algorithm = "CRC32" | "SHA1" | "SHA256";
export type ChecksumType = "COMPOSITE" | "FULL_OBJECT";
export type Checksum = { algorithm: Algorithm; value: string };

const ALGORITHMS: readonly Algorithm[] = ["CRC32", "SHA1", "SHA256"];

/** @throws NotImplemented for CRC32C and CRC64NVME, which Node has no code for: better refused than unverified. */
export function parseAlgorithm(name: string): Algorithm {
  const found = ALGORITHMS.find((algorithm) => algorithm === name.toUpperCase());
  if (!found) throw notImplemented(`x-amz-checksum-algorithm: ${name}`);
  return found;
}

export const checksumHeader = (algorithm: Algorithm) => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** The name in XML documents: ChecksumCRC32. */
export const checksumElement = (algorithm: Algorithm) => `Checksum${algorithm}` as const;

const NOT_VALUES = new Set(["x-amz-checksum-algorithm", "x-amz-checksum-mode", "x-amz-checksum-type"]);

/** The one checksum that the headers announce a value for. @throws InvalidRequest for two of them */
export function announcedChecksum(headers: Record<string, string | undefined>): Checksum | null {
  const names = Object.keys(headers).filter(
    (name) => name.startsWith("x-amz-checksum-") && !NOT_VALUES.has(name) && headers[name],
  );
  const [name] = names;
  if (!name) return null;
  if (names.length > 1)
    throw invalidRequest(
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  return { algorithm: parseAlgorithm(name.slice("x-amz-checksum-".length)), value: headers[name] ?? "" };
}

export function crc32Base64(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes.toString("base64");
}

export type Digests = { sizeBytes: number; md5: string; crc32: number; sha1?: string; sha256?: string };

/** MD5 (the ETag) and CRC32 of a stream in one pass; SHA only where somebody asked, for it costs most. */
export class Digester {
  #sizeBytes = 0;
  #crc32 = 0;
  readonly #md5 = createHash("md5");
  readonly #sha1: Hash | null;
  readonly #sha256: Hash | null;

  constructor(wanted: { sha1?: boolean; sha256?: boolean } = {}) {
    this.#sha1 = wanted.sha1 ? createHash("sha1") : null;
    this.#sha256 = wanted.sha256 ? createHash("sha256") : null;
  }

  update(chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    this.#crc32 = crc32(chunk, this.#crc32);
    this.#md5.update(chunk);
    this.#sha1?.update(chunk);
    this.#sha256?.update(chunk);
  }

  /** SHA values are hex, as is MD5. */
  finish(): Digests {
    const digests: Digests = {
      sizeBytes: this.#sizeBytes,
      md5: this.#md5.digest("hex"),
      crc32: this.#crc32 >>> 0,
    };
    if (this.#sha1) digests.sha1 = this.#sha1.digest("hex");
    if (this.#sha256) digests.sha256 = this.#sha256.digest("hex");
    return digests;
  }
}

/** The value as S3 sends it, base64. The digester must have been asked for that algorithm. */
export function checksumOf(digests: Digests, algorithm: Algorithm): string {
  if (algorithm === "CRC32") return crc32Base64(digests.crc32);
  const hex = algorithm === "SHA1" ? digests.sha1 : digests.sha256;
  if (hex === undefined) throw new Error(`${algorithm} was not computed`);
  return Buffer.from(hex, "hex").toString("base64");
}

export function verifyChecksum(digests: Digests, announced: Checksum): void {
  if (checksumOf(digests, announced.algorithm) !== announced.value) throw badDigest(announced.algorithm);
}

/** A checksum of checksums: the digest of the parts' raw values, with their count. */
export function compositeChecksum(algorithm: Algorithm, partValues: readonly string[]): string {
  const digester = new Digester({ sha1: algorithm === "SHA1", sha256: algorithm === "SHA256" });
  for (const value of partValues) digester.update(Buffer.from(value, "base64"));
  return `${checksumOf(digester.finish(), algorithm)}-${partValues.length}`;
}

const POLYNOMIAL = 0xedb88320;

/** Product of two polynomials over GF(2) modulo the CRC's, bits reflected. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
  }
  return product >>> 0;
}

/** x^(8·bytes): what a CRC is multiplied by when so many bytes follow. */
function shiftBy(bytes: number): number {
  let power = 0x00800000; // x^8 reflected
  let result = 0x80000000; // 1 reflected
  // Plain division: shifts would cut lengths over 4 GiB.
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(power, result);
    power = multiply(power, power);
  }
  return result;
}

/** CRC32 of a whole from the CRC32s of its pieces, in order, without reading a byte. */
export function combineCrc32(pieces: readonly { crc32: number; sizeBytes: number }[]): number {
  let shift = 0;
  let shiftBytes = -1;
  return pieces.reduce((crc, piece) => {
    // All parts but the last have one size as a rule, so their factor is worked out once.
    if (piece.sizeBytes !== shiftBytes) {
      shift = shiftBy(piece.sizeBytes);
      shiftBytes = piece.sizeBytes;
    }
    return (multiply(shift, crc) ^ piece.crc32) >>> 0;
  }, 0);
}
