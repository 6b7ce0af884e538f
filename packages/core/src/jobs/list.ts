import { JobId } from "@t2m/contract/ids";
import type { Job } from "@t2m/contract/jobs";
import { notACursor } from "../errors.ts";
import { jobPrefix, partitionOf } from "../live/keys.ts";
import { queryItems } from "../live/table.ts";
import { JobItem } from "./items.ts";
import { presentJob } from "./present.ts";

/**
 * A page of a user's jobs, newest first. `cursor` is a job's id: the page begins after that job. Throws `ApiError`
 * "request.invalid" for a cursor that is none.
 */
export async function listJobs(page: {
  userId: string;
  limit: number;
  cursor?: string | undefined;
}): Promise<{ items: Job[]; cursor?: string }> {
  if (page.cursor !== undefined && !JobId.safeParse(page.cursor).success) throw notACursor();
  const { items, cursor } = await queryItems({
    pk: partitionOf(page.userId),
    prefix: jobPrefix,
    newestFirst: true,
    limit: page.limit,
    ...(page.cursor !== undefined && { after: jobPrefix + page.cursor }),
  });
  return {
    items: items.map((item) => presentJob(JobItem.parse(item))),
    ...(cursor && { cursor: cursor.slice(jobPrefix.length) }),
  };
}
