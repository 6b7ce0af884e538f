import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ConversionRequest, ConversionRequest as Request } from "@t2m/contract/presets";
import { usualLimits } from "@t2m/core/conversion/convert";
import { plan } from "@t2m/core/conversion/plan/plan";
import { findBinaries } from "@t2m/core/ffmpeg/binaries";
import { probe } from "@t2m/core/ffmpeg/probe";

const run = promisify(execFile);
const binaries = findBinaries();

/** Two chords with some noise, 16-bit stereo at 44.1 kHz: 10.6 MB a minute. */
export async function makeWav(directory: string, seconds: number): Promise<string> {
  const path = join(directory, `sound-${seconds}.wav`);
  const sound = `aevalsrc='0.3*sin(440*2*PI*t)+0.2*sin(554*2*PI*t)+0.1*(random(0)-0.5)|0.3*sin(330*2*PI*t)+0.1*(random(1)-0.5)':s=44100:d=${seconds}`;
  await ffmpeg(["-f", "lavfi", "-i", sound, "-c:a", "pcm_s16le", path]);
  return path;
}

/** Moving test picture with sound, 720p at 30 frames a second. */
export async function makeMp4(directory: string, seconds: number): Promise<string> {
  const path = join(directory, `film-${seconds}.mp4`);
  const picture = ["-f", "lavfi", "-i", `testsrc2=size=1280x720:rate=30:duration=${seconds}`];
  const sound = ["-f", "lavfi", "-i", `sine=440:duration=${seconds}`];
  await ffmpeg([
    ...picture,
    ...sound,
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-c:a",
    "aac",
    "-shortest",
    path,
  ]);
  return path;
}

export function request(conversion: { preset: string; options?: object }): ConversionRequest {
  return Request.parse(conversion);
}

/** What the converter has ffmpeg do, by hand: from a local file to a local file, with the very same arguments. */
export async function bareFfmpeg(path: string, conversion: ConversionRequest, directory: string) {
  const facts = await probe({
    ffprobe: binaries.ffprobe,
    input: path,
    protocols: "file",
    demuxers: path.endsWith(".wav") ? "wav" : "mov",
    workDirectory: directory,
    signal: new AbortController().signal,
    limits: {},
  });
  const { passes, format } = plan(facts, conversion, usualLimits);
  return async () => {
    for (const pass of passes) {
      await ffmpeg([
        ...pass.inputArgs,
        "-i",
        path,
        ...pass.outputArgs({}),
        join(directory, `bare.${format}`),
      ]);
    }
  };
}

async function ffmpeg(args: readonly string[]): Promise<void> {
  await run(binaries.ffmpeg, ["-nostdin", "-v", "error", "-y", ...args]);
}
