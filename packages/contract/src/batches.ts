import * as z from "zod/mini";
import { PastJob } from "./history.ts";
import { BatchId } from "./ids.ts";
import { JobStatus } from "./job-status.ts";
import { Priority } from "./priority.ts";
import { Moment } from "./time.ts";

export const Batch = z.object({
  id: BatchId,
  name: z.optional(z.string()),
  priority: Priority,
  /** `finished` once every job has ended. */
  status: z.enum(["open", "paused", "cancelled", "finished"]),
  jobCount: z.int(),
  jobs: z.record(JobStatus, z.int()),
  /** Of all its jobs together. */
  percent: z.number(),
  createdAt: Moment,
  /** Of its last job, as jobs went of late; absent where nothing is known to go by, and in lists. */
  estimatedCompletionAt: z.optional(Moment),
});
export type Batch = z.infer<typeof Batch>;

/**
 * `place` 1 goes next; absent where the job does not wait in the queue. Start and end are told as jobs of the same preset
 * and about the same size went of late, and not at all where there were none.
 */
export const BatchJob = z.extend(PastJob, {
  place: z.optional(z.int()),
  estimatedStartAt: z.optional(Moment),
  estimatedCompletionAt: z.optional(Moment),
});
export type BatchJob = z.infer<typeof BatchJob>;

export const Queue = z.object({
  queued: z.int(),
  paused: z.int(),
  running: z.int(),
  /** How many may run at once: of yours, and of everybody's. */
  limits: z.object({ perUser: z.int(), all: z.int() }),
  /** Of your job that goes next. */
  nextPlace: z.optional(z.int()),
  estimatedStartAt: z.optional(Moment),
  /** Of your job that goes last. */
  estimatedCompletionAt: z.optional(Moment),
});
export type Queue = z.infer<typeof Queue>;
