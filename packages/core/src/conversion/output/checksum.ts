/** S3's way to write a CRC32: 4 bytes, big-endian, base64. */
export function crc32Text(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc >>> 0);
  return bytes.toString("base64");
}

/**
 * The CRC32 of two pieces one after the other, from the CRC32 of each and the length of the second: no byte is
 * read again. A zero byte after a piece multiplies its CRC by x⁸, so n of them by the n-th power (as zlib has it).
 */
export function crc32Combine(first: number, second: number, secondBytes: number): number {
  let crc = first;
  let power = xToThe8th;
  for (let bytes = secondBytes; bytes > 0; bytes = Math.floor(bytes / 2)) {
    if (bytes % 2 === 1) crc = multiply(power, crc);
    power = multiply(power, power);
  }
  return (crc ^ second) >>> 0;
}

/** A CRC is a polynomial over GF(2) whose highest bit is the coefficient of x⁰. */
const xToThe8th = 1 << 23;
const polynomial = 0xedb88320;

/** Numbers only and all of 32 bits: arrays would leave megabytes of garbage for a thousand parts. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) & 1) product ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ polynomial : shifted >>> 1;
  }
  return product;
}
