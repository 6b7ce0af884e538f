/** S3's way to write a CRC32: 4 bytes, big-endian, base64. */
export function crc32Text(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc >>> 0);
  return bytes.toString("base64");
}

/**
 * The CRC32 of two pieces one after the other, from the CRC32 of each and the length of the second: no byte is
 * read again. Appending n zero bytes is a linear map over GF(2); the map for 2n is the map for n applied twice.
 */
export function crc32Combine(first: number, second: number, secondBytes: number): number {
  let crc = first >>> 0;
  let zeros = oneZeroByte;
  for (let bytes = secondBytes; bytes > 0; bytes = Math.floor(bytes / 2)) {
    if (bytes % 2 === 1) crc = apply(zeros, crc);
    zeros = zeros.map((column) => apply(zeros, column));
  }
  return (crc ^ second) >>> 0;
}

/** Column n is what bit n becomes. */
type BitMap = readonly number[];

const polynomial = 0xedb88320;
const oneZeroByte: BitMap = Array.from({ length: 32 }, (_, bit) => {
  let value = (1 << bit) >>> 0;
  for (let shifts = 0; shifts < 8; shifts++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
  return value >>> 0;
});

function apply(map: BitMap, value: number): number {
  return map.reduce((sum, column, bit) => ((value >>> bit) & 1 ? sum ^ column : sum), 0) >>> 0;
}
