import type { Batch } from "@t2m/contract/batches";
import type { BatchId, UserId } from "@t2m/contract/ids";
import { and, eq, inArray, sql } from "drizzle-orm";
import { changeRecord, type Transaction } from "../database/access.ts";
import { batches } from "../database/schema/batches.ts";
import { jobQueue } from "../database/schema/job-queue.ts";
import { jobs } from "../database/schema/jobs.ts";
import { ApiError, notFound } from "../errors.ts";
import { cancelQuietly } from "../jobs/cancel.ts";
import { note } from "../people/activity.ts";
import { getBatch } from "./get.ts";
import { releaseQuietly } from "./release.ts";

/** Starts no more of a batch's jobs; those that run go on. Throws `ApiError`: not_found, batch.ended. */
export async function pauseBatch(userId: UserId, batchId: BatchId): Promise<Batch> {
  await changeRecord(async (tx) => {
    await move(tx, userId, batchId, "paused");
    await tx
      .update(jobQueue)
      .set({ status: "paused" })
      .where(and(inLine(tx, batchId), eq(jobQueue.status, "queued")));
  });
  return await getBatch(userId, batchId);
}

/** Its jobs stand in line again where they stood. Throws `ApiError`: not_found, batch.ended. */
export async function resumeBatch(userId: UserId, batchId: BatchId): Promise<Batch> {
  await changeRecord(async (tx) => {
    await move(tx, userId, batchId, "active");
    await tx
      .update(jobQueue)
      .set({ status: "queued" })
      .where(and(inLine(tx, batchId), eq(jobQueue.status, "paused")));
  });
  await releaseQuietly();
  return await getBatch(userId, batchId);
}

/**
 * Cancels what has not ended: what waits at once, what runs by its worker's next heartbeat. Said again it does for the
 * rest what could not be done the first time. Throws `ApiError` not_found.
 */
export async function cancelBatch(userId: UserId, batchId: BatchId): Promise<Batch> {
  const released = await changeRecord(async (tx) => {
    await move(tx, userId, batchId, "cancelled");
    const stopped = await tx
      .update(jobQueue)
      .set({ status: "cancelled", completedAt: sql`now()` })
      .where(and(inLine(tx, batchId), inArray(jobQueue.status, ["queued", "paused"])))
      .returning({ jobId: jobQueue.jobId });
    if (stopped.length > 0) {
      await tx
        .update(jobs)
        .set({ status: "cancelled", cancelRequested: true, finishedAt: sql`now()` })
        .where(
          inArray(
            jobs.id,
            stopped.map(({ jobId }) => jobId),
          ),
        );
    }
    return await tx
      .select({ jobId: jobQueue.jobId })
      .from(jobQueue)
      .where(and(inLine(tx, batchId), inArray(jobQueue.status, ["claimed", "running"])));
  });
  // One that is claimed and not yet alive is cancelled by who releases it.
  await Promise.all(released.map(({ jobId }) => cancelQuietly({ userId, jobId })));
  return await getBatch(userId, batchId);
}

const verbs = { paused: "batch.paused", active: "batch.resumed", cancelled: "batch.cancelled" } as const;

/** Whoever moves the same batch waits here. */
async function move(
  tx: Transaction,
  userId: UserId,
  batchId: BatchId,
  to: keyof typeof verbs,
): Promise<void> {
  const [batch] = await tx
    .select({ status: batches.status })
    .from(batches)
    .where(and(eq(batches.id, batchId), eq(batches.userId, userId)))
    .for("update");
  if (!batch) throw notFound("batch");
  if (batch.status === to) return;
  if (batch.status === "cancelled") throw new ApiError("batch.ended", "The batch was cancelled.");
  await tx.update(batches).set({ status: to, updatedAt: sql`now()` }).where(eq(batches.id, batchId));
  const subject = { type: "batch", id: batchId };
  await note(tx, { userId, actorId: userId, action: verbs[to], subject });
}

function inLine(tx: Transaction, batchId: BatchId) {
  return inArray(jobQueue.jobId, tx.select({ id: jobs.id }).from(jobs).where(eq(jobs.batchId, batchId)));
}
