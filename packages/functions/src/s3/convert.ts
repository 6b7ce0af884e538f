import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Failure } from "@t2m/contract/jobs";
import { parseKey } from "@t2m/contract/keys";
import { config } from "@t2m/core/config";
import { findBinaries } from "@t2m/core/ffmpeg/binaries";
import { reapLeftovers } from "@t2m/core/ffmpeg/leftovers";
import { type Claim, claimStep } from "@t2m/core/jobs/claim";
import { runConvertStep } from "@t2m/core/jobs/convert-step";
import { queueUploadedJobs } from "@t2m/core/jobs/queue";
import { markStored } from "@t2m/core/uploads/stored";
import type { Context, S3Event, S3EventRecord } from "aws-lambda";
import { telemetry } from "../adapter/telemetry.ts";

const { logger, publish } = telemetry("convert");
const workDirectory = join(tmpdir(), "t2m-convert");

/**
 * Started by an upload that S3 has put together, or by a work order. Either may come twice or late: whoever finds
 * nothing to claim does nothing.
 */
export async function handler(event: S3Event, context: Context): Promise<void> {
  // One invocation at a time: whatever is here was left by one that was stopped in the middle.
  const killed = await reapLeftovers(workDirectory);
  if (killed.length > 0) logger.warn("killed leftovers of an earlier run", { processGroups: killed.length });
  await mkdir(workDirectory, { recursive: true });
  for (const record of event.Records) {
    const claim = await claimFor(record);
    if (claim) await run(claim, context);
  }
}

async function claimFor({ s3: { object } }: S3EventRecord): Promise<Claim | undefined> {
  const named = parseKey(decodeURIComponent(object.key.replaceAll("+", " ")));
  if (named?.type === "order") return await claimStep(named);
  if (named?.type !== "upload") return undefined;
  const { userId, uploadId } = named;
  await markStored({ userId, uploadId, sizeBytes: object.size, etag: object.eTag });
  for (const job of await queueUploadedJobs({ userId, uploadId })) {
    const claim = await claimStep({ ...job, step: "convert" });
    if (claim) return claim;
  }
  return undefined;
}

async function run(claim: Claim, context: Context): Promise<void> {
  const started = Date.now();
  const { ffmpegPath, ffprobePath } = config();
  let failure: Failure | undefined;
  const ending = await runConvertStep(claim, {
    workDirectory,
    binaries: findBinaries({ ffmpeg: ffmpegPath, ffprobe: ffprobePath }),
    deadline: new Date(started + context.getRemainingTimeInMillis()),
    onFailure: (told) => {
      failure = told;
    },
  });
  const { jobId, attempt, job } = claim;
  const { preset } = job.conversion;
  const milliseconds = Date.now() - started;
  logger.info("conversion step ended", { jobId, attempt, preset, ending, milliseconds, code: failure?.code });
  publish("converted", { conversionsEnded: 1, conversionsFailed: failure ? 1 : 0 });
}
