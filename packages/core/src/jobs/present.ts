import type { Job, JobEvent } from "@t2m/contract/jobs";
import type { EventItem, JobItem } from "./items.ts";
import { jobPercent } from "./percent.ts";

/** A job as the API shows it. */
export function presentJob(job: JobItem): Job {
  return {
    id: job.jobId,
    uploadId: job.uploadId,
    sourceName: job.sourceName,
    conversion: job.conversion,
    status: job.status,
    percent: jobPercent(job),
    version: job.version,
    cancelRequested: job.cancelRequested,
    outputs: job.outputs ?? [],
    ...(job.failure && { failure: job.failure }),
    createdAt: job.createdAt,
    ...(job.startedAt && { startedAt: job.startedAt }),
    ...(job.finishedAt && { finishedAt: job.finishedAt }),
    expiresAt: new Date(job.expiresAt * 1000).toISOString(),
  };
}

/** An event as the API shows it. */
export function presentEvent(event: EventItem): JobEvent {
  return {
    sequence: event.sequence,
    type: event.type,
    at: event.at,
    status: event.status,
    ...(event.step && { step: event.step }),
    ...(event.attempt && { attempt: event.attempt }),
    ...(event.failure && { failure: event.failure }),
    ...(event.outputs && { outputs: event.outputs }),
  };
}
