import { maximumAllocationBytes } from "./probe.ts";
import { type ProcessLimits, type ProcessResult, runProcess } from "./process.ts";

export type FfmpegProgress = {
  /** How far the output is; undefined until the first packet is written. */
  outSeconds: number | undefined;
  /** How many times faster than real time. */
  speed: number | undefined;
  frame: number | undefined;
};

export type FfmpegRequest = {
  ffmpeg: string;
  /** What stands before `-i`: seeks. */
  inputArgs: readonly string[];
  input: string;
  protocols: string;
  demuxers: string;
  /** Everything behind `-i`, the output last. */
  outputArgs: readonly string[];
  maximumPixels: number;
  /** Some filters report what they measured at `info`. */
  logLevel?: "warning" | "info";
  workDirectory: string;
  signal: AbortSignal;
  limits: ProcessLimits;
  onProgress?: (progress: FfmpegProgress) => void;
  onStdout?: (chunk: Buffer) => void;
};

/**
 * Runs ffmpeg on an input that may be hostile: only the given protocols and demuxers, no stdin, no single large
 * allocation, no huge picture, and an error in the input is an error of the run. Rejects only when aborted.
 */
export function runFfmpeg(request: FfmpegRequest): Promise<ProcessResult> {
  const values = new Map<string, string>();
  return runProcess({
    command: request.ffmpeg,
    args: [
      ...["-nostdin", "-hide_banner", "-nostats", "-v", request.logLevel ?? "warning", "-y", "-xerror"],
      ...["-max_alloc", String(maximumAllocationBytes), "-progress", "pipe:4", "-stats_period", "0.5"],
      ...["-protocol_whitelist", request.protocols, "-format_whitelist", request.demuxers],
      ...["-max_pixels", String(request.maximumPixels)],
      ...request.inputArgs,
      ...["-i", request.input],
      ...request.outputArgs,
    ],
    workDirectory: request.workDirectory,
    signal: request.signal,
    limits: request.limits,
    ...(request.onStdout && { onStdout: request.onStdout }),
    onProgressLine: (line) => {
      const [key = "", value = ""] = line.split("=", 2);
      values.set(key, value.trim());
      if (key === "progress") request.onProgress?.(progressOf(values));
    },
  });
}

function progressOf(values: ReadonlyMap<string, string>): FfmpegProgress {
  const microseconds = number(values.get("out_time_us"));
  return {
    outSeconds: microseconds === undefined ? undefined : microseconds / 1e6,
    speed: number(values.get("speed")?.replace("x", "")),
    frame: number(values.get("frame")),
  };
}

/** ffmpeg says N/A for what it does not know yet, and now and then a negative time. */
function number(text: string | undefined): number | undefined {
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
