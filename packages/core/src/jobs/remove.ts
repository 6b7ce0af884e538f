import { notFound } from "../errors.ts";
import { jobItemKey } from "../live/keys.ts";
import { ConditionFailed, deleteItem } from "../live/table.ts";
import type { JobKey } from "./items.ts";

/**
 * Deletes a job. With its item goes every lease, so a worker that is still at it stops within a second; its
 * objects, steps and events follow by the table's stream. Throws `ApiError` not_found.
 */
export async function removeJob({ userId, jobId }: JobKey): Promise<void> {
  const alive = {
    expression: "attribute_exists(pk) AND expiresAt > :now",
    values: { ":now": Math.floor(Date.now() / 1000) },
  };
  try {
    await deleteItem(jobItemKey(userId, jobId), alive);
  } catch (error) {
    if (error instanceof ConditionFailed) throw notFound("job");
    throw error;
  }
}
