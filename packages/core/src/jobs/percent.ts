import type { JobItem } from "./items.ts";

/** How far a job is, 0 to 100: never falls, and is 100 only when the job is completed. */
export function jobPercent(job: Pick<JobItem, "status" | "percent" | "doneShare" | "leases">): number {
  if (job.status === "completed") return 100;
  const running = Object.values(job.leases).reduce(
    (sum, lease) => sum + (lease.share * lease.percent) / 100,
    0,
  );
  const percent = Math.min(99, Math.max(job.percent, job.doneShare + running));
  return Math.floor(percent * 10) / 10;
}
