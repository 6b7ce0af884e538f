import type { Job } from "@t2m/contract/jobs";
import { notFound } from "../errors.ts";
import { jobItemKey } from "../live/keys.ts";
import { getItem } from "../live/table.ts";
import { JobItem, type JobKey } from "./items.ts";
import { presentJob } from "./present.ts";

/** A job's state: one strongly consistent read of one item. Throws `ApiError` not_found. */
export async function getJob(key: JobKey): Promise<Job> {
  const item = await findJob(key);
  if (!item) throw notFound("job");
  return presentJob(item);
}

export async function findJob({ userId, jobId }: JobKey): Promise<JobItem | undefined> {
  const item = await getItem(jobItemKey(userId, jobId));
  return item && JobItem.parse(item);
}
