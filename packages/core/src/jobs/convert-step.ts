import { statfs } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Failure, Output } from "@t2m/contract/jobs";
import { objectKey } from "@t2m/contract/keys";
import { removeJobObjects } from "../cleanup/job.ts";
import { config } from "../config.ts";
import { convert } from "../conversion/convert.ts";
import { ConversionError } from "../conversion/failure.ts";
import { isUnavailable } from "../errors.ts";
import type { Binaries } from "../ffmpeg/binaries.ts";
import { NotFound, readRange, tagObject } from "../storage/objects.ts";
import { findUpload } from "../uploads/item.ts";
import type { Claim } from "./claim.ts";
import { completeStep, type Ending } from "./complete.ts";
import { outputRef } from "./delivery.ts";
import { failStep } from "./fail.ts";
import { openOutput } from "./output-sink.ts";
import { type Progress, StopWork, startProgress } from "./progress.ts";

export type ConvertRun = {
  /** A folder with room for the result. */
  workDirectory: string;
  binaries: Binaries;
  /** When this process has to be done. */
  deadline: Date;
  /** Told why a conversion failed, before that is written. */
  onFailure?: (failure: Failure) => void;
};

/** Left for saying how it ended. */
const closingMs = 5_000;
/** The disk is never filled to its last byte. */
const spareDiskBytes = 256 * 1024 ** 2;

/**
 * Runs a claimed `convert` step to its end: converts the job's upload, keeps the lease alive, stops when the job is
 * cancelled or another has taken over, and says how it ended. What could not be said for an outage is said again
 * until `deadline`. Throws only when even that was in vain; then the lease runs out and another repeats the step.
 */
export async function runConvertStep(claim: Claim, run: ConvertRun): Promise<Ending> {
  const progress = startProgress(claim, config().leaseSeconds);
  try {
    const outputs = await convertUpload(claim, run, progress);
    await progress.stop();
    await untilAnswered(run.deadline, () => describeObjects(claim, outputs));
    const ending = await untilAnswered(run.deadline, () => completeStep(claim, { outputs }));
    // Deleted meanwhile, and its cleanup may have been faster than the last write.
    if (ending === "gone") await removeJobObjects(claim);
    return ending;
  } catch (error) {
    await progress.stop();
    if (isLost(progress)) return "lost";
    if (!(error instanceof ConversionError)) throw error;
    const { code, message, log, retryable } = error;
    const failure = { code, message, ...(log && { log }) };
    run.onFailure?.(failure);
    return await untilAnswered(run.deadline, () => failStep(claim, failure, { retryable }));
  }
}

async function convertUpload(claim: Claim, run: ConvertRun, progress: Progress): Promise<Output[]> {
  const { userId, job } = claim;
  const upload = await findUpload({ userId, uploadId: job.uploadId });
  if (upload?.status !== "completed") {
    throw new ConversionError("upload.gone", "The file was deleted before it could be converted.");
  }
  const source = { bucket: "uploads", key: objectKey({ userId, uploadId: upload.uploadId }) } as const;
  const { bavail, bsize } = await statfs(run.workDirectory);
  const { outputs } = await convert({
    source: {
      sizeBytes: upload.sizeBytes,
      read: (range, take) => readRange(source, range, take),
    },
    conversion: job.conversion,
    sink: (output) => openOutput(claim, output),
    workDirectory: run.workDirectory,
    binaries: run.binaries,
    signal: progress.signal,
    deadline: new Date(run.deadline.getTime() - closingMs),
    onProgress: ({ percent }) => progress.report(percent),
    limits: {
      maximumDurationSeconds: config().maximumMediaSeconds,
      maximumOutputBytes: Math.max(1, bavail * bsize - spareDiskBytes),
    },
  });
  return outputs.map((output) => ({ ...output, fileName: fileNameFor(job.sourceName, output) }));
}

/** The source's own name with the output's extension; what comes beside the main output says what it is. */
export function fileNameFor(sourceName: string, { name, role }: Pick<Output, "name" | "role">): string {
  const base = sourceName.replace(/(?<=.)\.[^.]*$/, "");
  const extension = name.slice(name.lastIndexOf("."));
  return `${base}${role === "main" ? "" : `-${role}`}${extension}`;
}

/** What was measured stands with each object as tags: metadata has to be said before the first byte. */
async function describeObjects(claim: Claim, outputs: readonly Output[]): Promise<void> {
  await Promise.all(
    outputs.map(async (output) => {
      try {
        await tagObject(outputRef(claim, output), factTags(output));
      } catch (error) {
        // Cleaned up with its job meanwhile; the completion finds out.
        if (!(error instanceof NotFound)) throw error;
      }
    }),
  );
}

function factTags(output: Output): Record<string, string> {
  const { durationSeconds, audioCodec, videoCodec, widthPixels, heightPixels, checksumCrc32 } = output;
  const facts = { durationSeconds, audioCodec, videoCodec, widthPixels, heightPixels, checksumCrc32 };
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]));
}

function isLost({ signal }: Progress): boolean {
  return signal.aborted && signal.reason instanceof StopWork && signal.reason.reason === "lost";
}

/** Minutes of encoding are not given up because a service is away for seconds. */
async function untilAnswered<T>(deadline: Date, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnavailable(error) || Date.now() > deadline.getTime() - closingMs) throw error;
      await delay(500 + Math.random() * 1000);
    }
  }
}
