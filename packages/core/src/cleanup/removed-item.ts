import * as z from "zod/mini";
import { type Attributes, unmarshall } from "../live/attributes.ts";
import type { CleanupCounts } from "./counts.ts";
import { cleanUpJob } from "./job.ts";
import { cleanUpUpload } from "./upload.ts";

const Removed = z.discriminatedUnion("entity", [
  z.object({ entity: z.literal("upload"), userId: z.uuid(), uploadId: z.uuid() }),
  z.object({ entity: z.literal("job"), userId: z.uuid(), jobId: z.uuid() }),
]);

/**
 * Removes all that belonged to an upload or a job whose item was deleted, by the table's TTL or by hand. `image` is
 * the item as it was, in DynamoDB's own form, as stream records have it. Ids are checked: an empty one in a prefix
 * would name everybody's objects. Throws where something could not be removed; doing it again is safe.
 */
export async function cleanUpRemoved(image: Attributes, counts: CleanupCounts): Promise<void> {
  const removed = Removed.parse(unmarshall(image));
  if (removed.entity === "upload") await cleanUpUpload(removed, counts);
  else await cleanUpJob(removed, counts);
}
