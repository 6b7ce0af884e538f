import * as z from "zod/mini";
import { filters, Word } from "../filters.ts";
import { BatchId, JobId } from "../ids.ts";
import { jobStatuses } from "../job-status.ts";
import { route } from "../route.ts";

export const HistoryFilter = z.object({
  ...filters,
  /** `open` is whatever has not ended. */
  status: z.optional(z.enum([...jobStatuses, "open"])),
  kind: z.optional(Word),
  /** What it was converted to. */
  media: z.optional(z.enum(["audio", "video", "image"])),
  preset: z.optional(Word),
  batchId: z.optional(BatchId),
});
export type HistoryFilter = z.infer<typeof HistoryFilter>;

export const listHistory = route({ method: "GET", path: "/history", access: "user", query: HistoryFilter });

/** Of one job of who asks. */
const ofJob = { access: "user", path: "/history/{jobId}", params: z.object({ jobId: JobId }) } as const;

export const getPastJob = route({ ...ofJob, method: "GET" });

export const deletePastJob = route({ ...ofJob, method: "DELETE" });
