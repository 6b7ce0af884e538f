import { crc32, deflateSync } from "node:zlib";
import type { Peak } from "./peaks.ts";

/** A PNG of the peaks, one column each, dark on transparent. */
export function waveformPng(peaks: readonly Peak[], heightPixels: number): Uint8Array {
  const widthPixels = peaks.length;
  // One byte a pixel that names a colour of the palette, and in front of each row one for "unfiltered".
  const stride = widthPixels + 1;
  const pixels = Buffer.alloc(stride * heightPixels);
  for (const [column, { low, high }] of peaks.entries()) {
    const top = Math.round(((1 - high) / 2) * (heightPixels - 1));
    const bottom = Math.round(((1 - low) / 2) * (heightPixels - 1));
    for (let row = top; row <= bottom; row++) pixels[row * stride + 1 + column] = 1;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPixels, 0);
  header.writeUInt32BE(heightPixels, 4);
  // 8 bits a pixel, colours from a palette.
  header.set([8, 3], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from([255, 255, 255, 37, 99, 235])),
    chunk("tRNS", Buffer.from([0, 255])),
    chunk("IDAT", deflateSync(pixels)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
