import type { Batch } from "@t2m/contract/batches";
import { recordText } from "../text-record.ts";

export const batchName = ({ name, jobCount }: Batch) => name ?? recordText.batch.unnamed(jobCount);

/** Whether anything of it may still change: what a cancelled one had running ends a moment later. */
export const isUnderWay = ({ status, jobs }: Batch) =>
  status === "open" || status === "paused" || jobs.running + jobs.queued + jobs.waiting > 0;
