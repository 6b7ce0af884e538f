import type { Job } from "@t2m/contract/jobs";
import { ApiError, notFound } from "../errors.ts";
import { changeJob } from "./change.ts";
import type { JobItem, JobKey } from "./items.ts";
import { presentJob } from "./present.ts";
import { type Change, endEvents, ended } from "./state.ts";
import { hasEnded } from "./transitions.ts";

/**
 * Cancels a job: at once when nobody works on it; otherwise its workers learn of it by their next heartbeat and
 * the last of them ends it. One that has ended, or is being cancelled already, stays as it is.
 * Throws `ApiError` not_found.
 */
export async function cancelJob(key: JobKey): Promise<Job> {
  const job = await changeJob(key, ({ job }, nowMs) => {
    const change = cancelChange(job, nowMs);
    const after = change ? { ...change.job, version: job.version + change.events.length } : job;
    return { ...(change && { change }), answer: presentJob(after) };
  });
  if (!job) throw notFound("job");
  return job;
}

/** As `cancelJob`, but one that is not there is as good as cancelled. */
export async function cancelQuietly(key: JobKey): Promise<void> {
  try {
    await cancelJob(key);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "not_found")) throw error;
  }
}

/** What a wish to cancel changes, if anything. Also ends a cancelled job whose last worker is dead. Pure. */
export function cancelChange(job: JobItem, nowMs: number): Change | undefined {
  if (hasEnded(job.status)) return undefined;
  const isWorkedOn = Object.values(job.leases).some((lease) => lease.until > nowMs);
  if (!isWorkedOn) {
    const cancelled: JobItem = { ...ended(job, nowMs), status: "cancelled", cancelRequested: true };
    return { job: cancelled, steps: [], events: endEvents(cancelled) };
  }
  if (job.cancelRequested) return undefined;
  const event = { type: "job.cancelling", status: job.status } as const;
  return { job: { ...job, cancelRequested: true }, steps: [], events: [event] };
}
