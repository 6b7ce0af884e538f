import type { JobId, UserId } from "@t2m/contract/ids";
import { and, eq } from "drizzle-orm";
import { changeRecord } from "../database/access.ts";
import { jobs } from "../database/schema/jobs.ts";
import { ApiError, notFound } from "../errors.ts";
import { hasEnded } from "../jobs/transitions.ts";
import { markRemoved } from "../record/removed.ts";
import { ownedBy } from "./jobs.ts";

/**
 * Deletes a job from somebody's history, once nothing but the record is left of it. Throws `ApiError` not_found and,
 * while the live plane still has it, job.not_expired.
 */
export async function deletePastJob(userId: UserId, jobId: JobId): Promise<void> {
  await changeRecord(async (tx) => {
    const [job] = await tx
      .select({ status: jobs.status, expiresAt: jobs.expiresAt, removal: jobs.removal })
      .from(jobs)
      .where(and(...ownedBy(userId), eq(jobs.id, jobId)))
      .for("update");
    if (!job) throw notFound("job");
    if (!isPast(job)) {
      throw new ApiError("job.not_expired", `The job is still there: delete it by DELETE /jobs/${jobId}.`);
    }
    await markRemoved(tx, jobId, { removal: "deleted", removedAt: new Date() });
  });
}

/** TTL may be late by days. What was cancelled in a batch's line never was in the live plane, and expires never. */
function isPast({
  status,
  expiresAt,
  removal,
}: Pick<typeof jobs.$inferSelect, "status" | "expiresAt" | "removal">) {
  if (removal !== null) return true;
  return hasEnded(status) && (expiresAt === null || expiresAt.getTime() <= Date.now());
}
