import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";

const sampleRateHz = 48_000;
const bytesPerFrame = 4;
const headerBytes = 44;

/** Writes a stereo WAV of 16 bits at 48 kHz: tones that rise and fall, so that no two seconds are alike. */
export async function writeWav(path: string, seconds: number): Promise<void> {
  const frames = Math.round(seconds * sampleRateHz);
  const file = createWriteStream(path);
  file.write(header(frames * bytesPerFrame));
  for (let from = 0; from < frames; from += sampleRateHz) {
    const block = Buffer.alloc(Math.min(sampleRateHz, frames - from) * bytesPerFrame);
    for (let frame = 0; frame < block.length / bytesPerFrame; frame++) {
      const time = (from + frame) / sampleRateHz;
      const tone = Math.sin(2 * Math.PI * (220 + 110 * Math.sin(time / 3)) * time);
      block.writeInt16LE(Math.round(tone * 12_000), frame * bytesPerFrame);
      block.writeInt16LE(Math.round(tone * 12_000 * Math.cos(time)), frame * bytesPerFrame + 2);
    }
    if (!file.write(block)) await once(file, "drain");
  }
  file.end();
  await finished(file);
}

function header(dataBytes: number): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(headerBytes - 8 + dataBytes, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(2, 22);
  bytes.writeUInt32LE(sampleRateHz, 24);
  bytes.writeUInt32LE(sampleRateHz * bytesPerFrame, 28);
  bytes.writeUInt16LE(bytesPerFrame, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(dataBytes, 40);
  return bytes;
}
