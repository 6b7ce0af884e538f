import * as z from "zod/mini";
import { BatchId, JobId, UploadId } from "./ids.ts";
import { Failure, JobStatus, Output } from "./jobs.ts";
import { ConversionRequest } from "./presets.ts";
import { Priority } from "./priority.ts";
import { Moment } from "./time.ts";

/** A job as the record has it, also long after its live item and its outputs have gone. */
export const PastJob = z.object({
  id: JobId,
  kind: z.string(),
  batchId: z.optional(BatchId),
  uploadId: z.optional(UploadId),
  sourceName: z.string(),
  conversion: z.optional(ConversionRequest),
  priority: Priority,
  status: JobStatus,
  percent: z.number(),
  outputs: z.array(Output),
  failure: z.optional(Failure),
  createdAt: Moment,
  startedAt: z.optional(Moment),
  finishedAt: z.optional(Moment),
  /** Until when its outputs are kept; afterwards only these facts are. */
  expiresAt: z.optional(Moment),
});
export type PastJob = z.infer<typeof PastJob>;
