import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ConversionRequest, type ConversionRequestInput } from "@t2m/contract/presets";
import { usualLimits } from "@t2m/core/conversion/convert";
import { plan } from "@t2m/core/conversion/plan/plan";
import { findBinaries } from "@t2m/core/ffmpeg/binaries";
import { type MediaFacts, probe } from "@t2m/core/ffmpeg/probe";

const run = promisify(execFile);
const binaries = findBinaries();
const quiet = ["-nostdin", "-v", "error", "-y"];

/** An empty folder of its own. */
export const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "t2m-e2e-"));

/** Makes a media file with bare ffmpeg. */
export async function makeMedia(path: string, ...args: string[]): Promise<string> {
  await run(binaries.ffmpeg, [...quiet, ...args, path]);
  return path;
}

/** Sound that no encoder can make light of: `seconds` of mono noise at 8 kHz, 16 kB a second as WAV. */
export const noise = (seconds: number): string[] => [
  ...["-f", "lavfi", "-i", `anoisesrc=r=8000:seed=7:a=0.5:d=${seconds}`, "-c:a", "pcm_s16le"],
];

/** A picture that moves, with a tone. */
export const film = (seconds: number): string[] => [
  ...["-f", "lavfi", "-i", `testsrc2=s=320x180:r=25:d=${seconds}`],
  ...["-f", "lavfi", "-i", `sine=f=440:r=44100:d=${seconds}`],
  ...["-c:v", "mpeg4", "-c:a", "aac"],
];

/** What ffprobe says of a file here. */
export function factsOf(path: string): Promise<MediaFacts> {
  return probe({
    ffprobe: binaries.ffprobe,
    input: path,
    protocols: "file",
    demuxers: "wav,mp3,flac,mov,matroska,ogg,jpeg_pipe,image2",
    workDirectory: dirname(path),
    signal: AbortSignal.timeout(20_000),
    limits: {},
  });
}

/** The bytes that ffmpeg makes of a file here by the arguments of our plan; `+faststart` for the MP4 family. */
export async function convertedHere(path: string, request: ConversionRequestInput): Promise<Buffer> {
  const planned = plan(await factsOf(path), ConversionRequest.parse(request), usualLimits);
  const folder = await newFolder();
  const target = join(folder, "output");
  const front = planned.indexInFront ? ["-movflags", "+faststart"] : [];
  for (const { inputArgs, outputArgs } of planned.passes) {
    await run(binaries.ffmpeg, [...quiet, ...inputArgs, "-i", path, ...outputArgs({}), ...front, target]);
  }
  const bytes = await readFile(target);
  await rm(folder, { recursive: true });
  return bytes;
}
