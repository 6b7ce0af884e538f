import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findBinaries } from "@t2m/core/ffmpeg/binaries";

const run = promisify(execFile);

/** An empty folder, and its end. */
export async function openFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "t2m-web-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export type Sound = { seconds: number; sampleRateHz?: number; channels?: number; bits?: 16 | 24 };

/** A WAV file whose tone swells and fades, so that its waveform is worth looking at. Without encoder: it is quick. */
export async function makeSound(path: string, sound: Sound): Promise<string> {
  const { seconds, sampleRateHz = 8_000, channels = 1, bits = 16 } = sound;
  const frameBytes = channels * (bits / 8);
  const second = Buffer.alloc(sampleRateHz * frameBytes);
  for (let frame = 0; frame < sampleRateHz; frame++) {
    const time = frame / sampleRateHz;
    const level = 0.6 * Math.sin(Math.PI * time) ** 2 * Math.sin(2 * Math.PI * 330 * time);
    for (let channel = 0; channel < channels; channel++) {
      const at = frame * frameBytes + channel * (bits / 8);
      second.writeIntLE(Math.round(level * (2 ** (bits - 1) - 1)), at, bits / 8);
    }
  }
  const dataBytes = Math.round(seconds * sampleRateHz) * frameBytes;
  const file = Buffer.alloc(44 + dataBytes);
  file.write("RIFF", 0);
  file.writeUInt32LE(36 + dataBytes, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(channels, 22);
  file.writeUInt32LE(sampleRateHz, 24);
  file.writeUInt32LE(sampleRateHz * frameBytes, 28);
  file.writeUInt16LE(frameBytes, 32);
  file.writeUInt16LE(bits, 34);
  file.write("data", 36);
  file.writeUInt32LE(dataBytes, 40);
  for (let at = 44; at < file.length; at += second.length) second.copy(file, at, 0, file.length - at);
  await writeFile(path, file);
  return path;
}

/** A few seconds of moving picture with a tone, as MP4; `times` over where much is to be converted. */
export async function makeFilm(path: string, seconds: number, times = 1): Promise<string> {
  const picture = ["-f", "lavfi", "-i", `testsrc2=s=320x180:r=25:d=${seconds}`];
  const tone = ["-f", "lavfi", "-i", `sine=f=440:r=44100:d=${seconds}`];
  const codecs = ["-c:v", "mpeg4", "-c:a", "aac"];
  if (times === 1) await ffmpeg(...picture, ...tone, ...codecs, path);
  else {
    const once = await makeFilm(`${path}.once.mp4`, seconds);
    await ffmpeg("-stream_loop", `${times - 1}`, "-i", once, "-c", "copy", path);
  }
  return path;
}

async function ffmpeg(...args: string[]): Promise<void> {
  await run(findBinaries().ffmpeg, ["-nostdin", "-v", "error", "-y", ...args]);
}
