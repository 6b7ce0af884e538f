import * as z from "zod/mini";
import { FailureCode } from "./failures.ts";
import { JobId, UploadId } from "./ids.ts";
import { JobStatus } from "./job-status.ts";
import { ConversionRequest } from "./presets.ts";
import { Moment } from "./time.ts";

export { finalStatuses, JobStatus } from "./job-status.ts";

/** Facts of an output as ffprobe and S3 tell them. */
export const Output = z.object({
  /** Names the output within its job, as in its address. */
  name: z.string(),
  /** What a download is called: the source's name with the new extension. */
  fileName: z.string(),
  role: z.enum(["main", "poster", "waveform", "peaks"]),
  contentType: z.string(),
  sizeBytes: z.int(),
  /** Of the whole object; S3 holds the same value. */
  checksumCrc32: z.string(),
  durationSeconds: z.optional(z.number()),
  audioCodec: z.optional(z.string()),
  videoCodec: z.optional(z.string()),
  widthPixels: z.optional(z.int()),
  heightPixels: z.optional(z.int()),
});
export type Output = z.infer<typeof Output>;

export const Failure = z.object({
  code: FailureCode,
  /** A sentence for the person who waits: what happened and what to do. */
  message: z.string(),
  /** ffmpeg's last lines, where it spoke. */
  log: z.optional(z.string()),
});
export type Failure = z.infer<typeof Failure>;

export const Job = z.object({
  id: JobId,
  uploadId: UploadId,
  sourceName: z.string(),
  conversion: ConversionRequest,
  status: JobStatus,
  percent: z.number(),
  /** Counts the job's events; the newest has this sequence number. */
  version: z.int(),
  cancelRequested: z.boolean(),
  outputs: z.array(Output),
  failure: z.optional(Failure),
  createdAt: Moment,
  startedAt: z.optional(Moment),
  finishedAt: z.optional(Moment),
  expiresAt: Moment,
});
export type Job = z.infer<typeof Job>;

export const NewJob = z.strictObject({ uploadId: UploadId, conversion: ConversionRequest });
export type NewJob = z.infer<typeof NewJob>;

export const eventTypes = [
  "job.created",
  "job.queued",
  "step.started",
  "step.retrying",
  "step.completed",
  "step.failed",
  "step.cancelled",
  "job.cancelling",
  "job.completed",
  "job.failed",
  "job.cancelled",
] as const;

/** A fact in a job's life. Sequence numbers count from 1 without gaps. */
export const JobEvent = z.object({
  sequence: z.int(),
  type: z.enum(eventTypes),
  at: Moment,
  status: JobStatus,
  step: z.optional(z.string()),
  attempt: z.optional(z.int()),
  failure: z.optional(Failure),
  outputs: z.optional(z.array(Output)),
});
export type JobEvent = z.infer<typeof JobEvent>;

/** Sent on the event stream between facts, without an `id:`: the newest percentage, which is not replayed. */
export const JobProgress = z.object({ percent: z.number(), status: JobStatus });

export const SignedOutput = z.object({ url: z.string(), expiresAt: Moment, output: Output });
export type SignedOutput = z.infer<typeof SignedOutput>;
