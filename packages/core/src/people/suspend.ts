import type { UserId } from "@t2m/contract/ids";
import type { Profile } from "@t2m/contract/people";
import { and, eq, inArray, sql } from "drizzle-orm";
import { changeRecord, type Transaction } from "../database/access.ts";
import { batches } from "../database/schema/batches.ts";
import { jobQueue } from "../database/schema/job-queue.ts";
import { jobs } from "../database/schema/jobs.ts";
import { users } from "../database/schema/users.ts";
import { ApiError } from "../errors.ts";
import { suspendEverywhere } from "../identity/revocations.ts";
import { note } from "./activity.ts";
import { getProfile, profileIn } from "./profile.ts";

/**
 * Keeps somebody out of both planes, or lets them in again; it holds from within a minute on. What they have under way
 * comes to its end, what stands in line waits. First where every function looks, then in the record: should the second
 * fail, the same request again does it. `by` is who says so. Throws `ApiError`: not_found, request.invalid for oneself.
 */
export async function setSuspension(userId: UserId, isSuspended: boolean, by: UserId): Promise<Profile> {
  if (userId === by) throw new ApiError("request.invalid", "Nobody can suspend themselves.");
  await getProfile(userId);
  await suspendEverywhere(userId, isSuspended);
  return await changeRecord(async (tx) => {
    const before = await profileIn(tx, userId);
    if ((before.suspendedAt !== undefined) === isSuspended) return before;
    await tx
      .update(users)
      .set({ suspendedAt: isSuspended ? sql`now()` : null, updatedAt: sql`now()` })
      .where(eq(users.id, userId));
    await (isSuspended ? holdLine(tx, userId) : resumeLine(tx, userId));
    await note(tx, { userId, actorId: by, action: isSuspended ? "account.suspended" : "account.reinstated" });
    return await profileIn(tx, userId);
  });
}

async function holdLine(tx: Transaction, userId: UserId): Promise<void> {
  await tx
    .update(jobQueue)
    .set({ status: "paused" })
    .where(and(eq(jobQueue.userId, userId), eq(jobQueue.status, "queued")));
}

/** But for batches that their owner had paused. */
async function resumeLine(tx: Transaction, userId: UserId): Promise<void> {
  const active = tx
    .select({ id: jobs.id })
    .from(jobs)
    .innerJoin(batches, eq(batches.id, jobs.batchId))
    .where(and(eq(batches.userId, userId), eq(batches.status, "active")));
  await tx
    .update(jobQueue)
    .set({ status: "queued" })
    .where(and(eq(jobQueue.userId, userId), eq(jobQueue.status, "paused"), inArray(jobQueue.jobId, active)));
}
