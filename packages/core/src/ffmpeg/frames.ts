const mp3Kbps = {
  // MPEG 1, layers 1 to 3, then MPEG 2 and 2.5, layer 1 and the other two.
  "1.1": [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  "1.2": [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  "1.3": [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  "2.1": [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  "2.2": [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const ac3Kbps = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];

/** The size in bytes of the frame whose header stands at `at`, or 0 where none does. */
export function frameBytes(kind: "mp3" | "aac" | "ac3", bytes: Uint8Array, at: number): number {
  const byte = (offset: number) => bytes[at + offset] ?? 0;
  if (kind === "mp3") return mp3Bytes(byte(0), byte(1), byte(2));
  if (kind === "ac3") return byte(0) === 0x0b && byte(1) === 0x77 ? ac3Bytes(byte(4), byte(5)) : 0;
  const synced = byte(0) === 0xff && (byte(1) & 0xf6) === 0xf0;
  return synced ? ((byte(3) & 3) << 11) | (byte(4) << 3) | (byte(5) >> 5) : 0;
}

function mp3Bytes(a: number, b: number, c: number): number {
  const versionBits = (b >> 3) & 3;
  const layer = 4 - ((b >> 1) & 3);
  const rate = [44100, 48000, 32000][(c >> 2) & 3];
  if (a !== 0xff || (b & 0xe0) !== 0xe0 || versionBits === 1 || layer === 4 || rate === undefined) return 0;
  const first = versionBits === 3;
  const table = first
    ? mp3Kbps[layer === 1 ? "1.1" : layer === 2 ? "1.2" : "1.3"]
    : mp3Kbps[layer === 1 ? "2.1" : "2.2"];
  const bitrate = (table[c >> 4] ?? 0) * 1000;
  const sampleRateHz = rate / (first ? 1 : versionBits === 2 ? 2 : 4);
  const padding = (c >> 1) & 1;
  if (layer === 1) return (Math.floor((12 * bitrate) / sampleRateHz) + padding) * 4;
  const samples = layer === 3 && !first ? 72 : 144;
  return bitrate === 0 ? 0 : Math.floor((samples * bitrate) / sampleRateHz) + padding;
}

/** `rateAndSize` is 2 bits of sample rate and 6 of size; `kind` tells AC-3 (up to 10) from E-AC-3, which we let pass. */
function ac3Bytes(rateAndSize: number, kind: number): number {
  if (kind >> 3 > 10) return 0;
  const kbps = ac3Kbps[(rateAndSize & 63) >> 1] ?? 0;
  const rate = rateAndSize >> 6;
  if (rate === 0) return kbps * 4;
  if (rate === 1) return (Math.floor((320 * kbps) / 147) + (rateAndSize & 1)) * 2;
  return rate === 2 ? kbps * 6 : 0;
}
