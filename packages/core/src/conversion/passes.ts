import { statfs } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { runFfmpeg } from "../ffmpeg/run.ts";
import { ended, outputTooLarge, truncated } from "./diagnose.ts";
import type { Found, Pass } from "./plan/plan.ts";
import { ProgressMeter } from "./progress.ts";
import type { Media, Work } from "./work.ts";

/** Left free on the disk, for what is not ours. */
const spareDiskBytes = 32 * 1024 * 1024;

/** Runs the passes of one plan, one after another, and hands on what each found. */
export class Passes {
  readonly #work: Work;
  readonly #media: Media;
  readonly #meter: ProgressMeter;
  #found: Found = {};

  constructor(work: Work) {
    this.#work = work;
    this.#media = work.media;
    const readFraction = () => work.blocks.readerAtByte / Math.max(1, work.blocks.sizeBytes);
    this.#meter = new ProgressMeter(work.plan.expectedSeconds, readFraction, (progress, done) => {
      work.onProgress(progress);
      work.stop.judge(done);
    });
  }

  /**
   * Runs a pass that writes to `target`: a file's name, or `pipe:1` together with `onSamples`.
   * Throws what ffmpeg's failure means to the user.
   */
  async run(pass: Pass, target: string, onSamples?: (chunk: Buffer) => void): Promise<void> {
    const { stop, limits, directory } = this.#work;
    const maximumBytes = Math.min(limits.maximumOutputBytes, await freeBytes(directory));
    const args = pass.outputArgs(this.#found);
    const { exitCode, log } = await runFfmpeg({
      ffmpeg: this.#work.binaries.ffmpeg,
      input: this.#media.address,
      protocols: this.#media.protocols,
      demuxers: this.#media.demuxers,
      inputArgs: pass.inputArgs,
      outputArgs: [...args, ...boundArgs(args, limits.maximumDurationSeconds, maximumBytes), target],
      maximumPixels: limits.maximumPixels,
      logLevel: pass.to === "nowhere" ? "info" : "warning",
      workDirectory: directory,
      signal: stop.signal,
      limits: { memoryBytes: limits.memoryBytes, cpuSeconds: 60 + stop.secondsLeft * availableParallelism() },
      onProgress: (progress) => this.#meter.report(pass.share, progress),
      ...(onSamples && { onStdout: onSamples }),
    });
    const shownLog = log.replaceAll(this.#media.address, "the file");
    if (exitCode !== 0) throw ended(exitCode, shownLog);
    if (log.includes("File ended prematurely")) throw truncated(shownLog);
    if (pass.to === "nowhere") this.#found = { loudness: loudnessIn(log) };
    this.#meter.passDone(pass.share);
  }
}

/** What the output may not exceed whatever the source's header promised; ffmpeg stops there as if it were the end. */
function boundArgs(args: readonly string[], maximumSeconds: number, maximumBytes: number): string[] {
  const bytes = ["-fs", String(Math.floor(maximumBytes))];
  return args.includes("-t") || args.includes("-frames:v")
    ? bytes
    : ["-t", String(maximumSeconds + 1), ...bytes];
}

/** The largest output that the disk can take. */
async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize - spareDiskBytes;
  if (free <= 0) throw outputTooLarge();
  return free;
}

/** loudnorm ends its report with a block of JSON whose values are texts; silence measures as -inf. */
function loudnessIn(log: string): Record<string, string> | undefined {
  const block = /\{[^{}]*"input_i"[^{}]*\}/.exec(log)?.[0];
  const values: unknown = block === undefined ? undefined : JSON.parse(block);
  if (typeof values !== "object" || values === null) return undefined;
  const texts = Object.entries(values).map(([key, value]) => [key, String(value)] as const);
  const finite = texts
    .filter(([key]) => /^(input|target)_/.test(key))
    .every(([, value]) => Number.isFinite(Number(value)));
  return finite ? Object.fromEntries(texts) : undefined;
}
