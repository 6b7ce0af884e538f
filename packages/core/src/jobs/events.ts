import type { JobEvent } from "@t2m/contract/jobs";
import { eventItemKey, eventPrefix, partitionOf } from "../live/keys.ts";
import { queryItems } from "../live/table.ts";
import { EventItem, type JobKey } from "./items.ts";
import { presentEvent } from "./present.ts";

/** A job's events after `after` (0: all), in order and without gaps, at most `limit`. */
export async function listEvents(
  { userId, jobId }: JobKey,
  { after, limit = 100 }: { after: number; limit?: number },
): Promise<JobEvent[]> {
  const { items } = await queryItems({
    pk: partitionOf(userId),
    prefix: eventPrefix(jobId),
    after: eventItemKey(userId, jobId, after).sk,
    limit,
  });
  return items.map((item) => presentEvent(EventItem.parse(item)));
}
