import { and, eq, isNull, sql } from "drizzle-orm";
import { config } from "../config.ts";
import { changeRecord, readRecord } from "../database/access.ts";
import { batches } from "../database/schema/batches.ts";
import { jobQueue } from "../database/schema/job-queue.ts";
import { jobs } from "../database/schema/jobs.ts";
import { isUnavailable } from "../errors.ts";
import { cancelQuietly } from "../jobs/cancel.ts";
import { newJob } from "../jobs/create.ts";
import { findJob } from "../jobs/get.ts";
import { putOrders } from "../jobs/orders.ts";
import { ConditionFailed, transact } from "../live/table.ts";
import { findUpload, type UploadItem } from "../uploads/item.ts";
import { keepUpload } from "../uploads/keep.ts";
import { type Claim, claimNext } from "./claim.ts";
import { expectedRunSeconds, type Run, recentRuns } from "./estimate.ts";
import type { Limits } from "./line.ts";

export type Released = { released: number; failed: number };

const claimsAtOnce = 20;

/**
 * Starts as many jobs of batches as may run now, in the order of the line: each becomes a live job whose work order is
 * put. Costs one short transaction where nothing waits. A job whose release breaks off is released again after a
 * minute, and is still one job.
 * @param until epoch milliseconds; nothing new is claimed afterwards
 */
export async function releaseQueued({
  until,
  limits = config().queueLimits,
}: {
  until: number;
  limits?: Limits;
}): Promise<Released> {
  const counts = { released: 0, failed: 0 };
  let runs: Run[] | undefined;
  while (Date.now() < until) {
    const claims = await claimNext({ limits, atMost: claimsAtOnce });
    if (claims.length === 0) break;
    runs ??= await readRecord(recentRuns);
    const known = runs;
    const done = await Promise.all(claims.map((claim) => release(claim, known)));
    for (const one of done) counts[one] += 1;
  }
  return counts;
}

/** Of the time that who asks waits for; what is still in line then is the schedule's. */
const askedMs = 5_000;

/** After a change to the line, which holds whatever becomes of this: what cannot start now, the schedule starts. */
export async function releaseQuietly(): Promise<void> {
  try {
    await releaseQueued({ until: Date.now() + askedMs });
  } catch (error) {
    if (!isUnavailable(error)) throw error;
  }
}

async function release(claim: Claim, runs: readonly Run[]): Promise<keyof Released> {
  const begun = await begin(claim);
  if (!begun) {
    await fail(claim);
    return "failed";
  }
  const { preset } = claim.conversion;
  const { sourceBytes } = begun;
  if (await settle(claim, expectedRunSeconds(runs, { preset, sourceBytes }))) await cancelQuietly(claim);
  return "released";
}

/** Makes the live job and puts its order, once. Gives undefined where the upload has gone before there was a job. */
async function begin(claim: Claim): Promise<{ sourceBytes: number | undefined } | undefined> {
  const { userId, jobId, uploadId } = claim;
  const upload = await findUpload({ userId, uploadId });
  const isMade = upload?.status === "completed" && (await makeJob(claim, upload));
  // Who died over an earlier release may have made it: then it lives, whatever has become of the upload since.
  if (!isMade && !(await findJob({ userId, jobId }))) return undefined;
  return { sourceBytes: upload?.sizeBytes };
}

/** Gives false where the job is there already, or the upload has just been deleted. */
async function makeJob(claim: Claim, upload: UploadItem): Promise<boolean> {
  const { userId, jobId, uploadId, sourceName, conversion } = claim;
  const now = new Date();
  const expiresAt = Math.floor(now.getTime() / 1000) + config().retentionSeconds;
  const job = { userId, jobId, uploadId, sourceName, conversion, status: "queued", expiresAt, now } as const;
  const { steps, writes } = newJob(job);
  const [first, ...others] = writes;
  if (!first || !("put" in first)) throw new Error("a new job begins with its own item");
  const once = { ...first, condition: { expression: "attribute_not_exists(pk)" } };
  try {
    await transact([keepUpload(upload, expiresAt), once, ...others]);
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
  await putOrders(steps);
  return true;
}

/**
 * The line knows that the job runs, and until when it is expected to. Gives whether its batch was cancelled meanwhile.
 */
async function settle({ jobId, token }: Claim, runSeconds: number | undefined): Promise<boolean> {
  return await changeRecord(async (tx) => {
    // The job's row before its place in line, as the projector does: they would wait for each other otherwise.
    if (runSeconds !== undefined) {
      await tx
        .update(jobs)
        .set({ estimatedCompletion: sql`now() + make_interval(secs => ${runSeconds})` })
        .where(and(eq(jobs.id, jobId), isNull(jobs.finishedAt)));
    }
    await tx
      .update(jobQueue)
      .set({ status: "running", claimToken: null, claimedUntil: null })
      .where(and(eq(jobQueue.jobId, jobId), eq(jobQueue.status, "claimed"), eq(jobQueue.claimToken, token)));
    const [batch] = await tx
      .select({ status: batches.status })
      .from(jobs)
      .innerJoin(batches, eq(batches.id, jobs.batchId))
      .where(eq(jobs.id, jobId));
    return batch?.status === "cancelled";
  });
}

/** A job that never came to life: only the record tells of it. */
async function fail({ jobId, token }: Claim): Promise<void> {
  const message = "The upload was deleted or has expired before its turn came.";
  await changeRecord(async (tx) => {
    const ended = await tx
      .update(jobQueue)
      .set({ status: "failed", completedAt: sql`now()`, claimToken: null, claimedUntil: null })
      .where(and(eq(jobQueue.jobId, jobId), eq(jobQueue.claimToken, token)))
      .returning({ id: jobQueue.id });
    if (ended.length === 0) return;
    await tx
      .update(jobs)
      .set({ status: "failed", errorInfo: { code: "upload.gone", message }, finishedAt: sql`now()` })
      .where(and(eq(jobs.id, jobId), eq(jobs.version, 0)));
  });
}
