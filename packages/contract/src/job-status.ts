import * as z from "zod/mini";

// Not in jobs.ts: with that come all presets, which who only asks for a status shall not carry.

export const jobStatuses = ["waiting", "queued", "running", "completed", "failed", "cancelled"] as const;
export const JobStatus = z.enum(jobStatuses);
export type JobStatus = z.infer<typeof JobStatus>;

export const finalStatuses: readonly JobStatus[] = ["completed", "failed", "cancelled"];
export const openStatuses: readonly JobStatus[] = jobStatuses.filter(
  (status) => !finalStatuses.includes(status),
);
