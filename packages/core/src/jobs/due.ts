import { isOpen } from "./graph.ts";
import type { JobItem, StepItem } from "./items.ts";
import { hasEnded } from "./transitions.ts";

/** How long an order may take to be claimed before it is put again. S3 says its events can take a minute. */
export const orderPatienceSeconds = 90;
/** How long a job waits for its upload before the sweep asks whether the upload was completed unnoticed. */
const waitingPatienceSeconds = 600;
/** TTL deletes late; after this long the sweep does it. */
const expiryPatienceSeconds = 3600;

/** Epoch seconds at which the sweep should look at a job: the earliest moment at which something may be wrong. */
export function jobDueAt(job: DatedJob, steps: readonly StepItem[], nowMs: number): number {
  const gone = job.expiresAt + expiryPatienceSeconds;
  if (hasEnded(job.status)) return gone;
  if (job.status === "waiting") return Math.min(gone, Math.ceil((nowMs + waitingDelayMs(job, nowMs)) / 1000));
  const looks = steps.filter(isOpen).map((step) => lookAtMs(job, step, nowMs));
  // No open step in a job that has not ended: look at once, it should not be.
  return Math.min(gone, Math.ceil(Math.min(...looks, looks.length === 0 ? nowMs : Infinity) / 1000));
}

type DatedJob = Pick<JobItem, "status" | "expiresAt" | "createdAt" | "leases">;

/** Epoch milliseconds at which an open step is overdue: its lease has run out, or its order was not claimed. */
export function lookAtMs(job: Pick<JobItem, "leases">, step: StepItem, nowMs: number): number {
  if (step.status === "running") return job.leases[step.step]?.until ?? nowMs;
  if (step.orderedAt === undefined) return step.runAt;
  // Doubling: where a thousand jobs stand in line, their orders must not be put again every minute.
  return step.orderedAt + Math.max(orderPatienceSeconds * 1000, step.orderedAt - step.runAt);
}

function waitingDelayMs(job: DatedJob, nowMs: number): number {
  return Math.max(waitingPatienceSeconds * 1000, nowMs - Date.parse(job.createdAt));
}
