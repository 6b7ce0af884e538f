import { finalStatuses } from "@t2m/contract/job-status";
import { and, eq, isNull, sql } from "drizzle-orm";
import { changeRecord, readRecord } from "../database/access.ts";
import { jobQueue } from "../database/schema/job-queue.ts";
import { jobItemKey } from "../live/keys.ts";
import { getItem, type Item } from "../live/table.ts";
import { project } from "../record/project.ts";
import { markGone } from "../record/rebuild.ts";

/** Of a job whose row moved since then the stream still tells. */
const quietMinutes = 10;
const looksAtMost = 100;

type Held = { job_id: string; user_id: string; expires_ms: number | null };

/**
 * Gives free the places of jobs that have ended or are gone without our hearing: their last record was refused, or the
 * stream had forgotten it. What the live table has of them goes to the projector once more, as whatever was wrong with
 * it may be mended by now; where it is refused again only the place is freed. Gives how many it was.
 */
export async function freeLostPlaces({ until }: { until: number }): Promise<number> {
  const held = await readRecord((db) =>
    db.execute<Held>(sql`
      select q.job_id, q.user_id, (extract(epoch from j.expires_at) * 1000)::float8 as expires_ms
      from job_queue q join jobs j on j.id = q.job_id
      where q.completed_at is null and q.status = 'running'
        and j.updated_at < now() - make_interval(mins => ${quietMinutes}::int)
      order by j.updated_at limit ${looksAtMost}`),
  );
  let freed = 0;
  for (const place of held) {
    if (Date.now() >= until) break;
    const item = await getItem(jobItemKey(place.user_id, place.job_id));
    if (item && !hasEnded(item)) continue;
    await (item ? recordEnd(item) : recordLoss(place));
    await free(place.job_id, item ? String(item.status) : "cancelled");
    freed++;
  }
  return freed;
}

function hasEnded({ status }: Item): boolean {
  return finalStatuses.some((final) => final === status);
}

async function recordEnd(item: Item): Promise<void> {
  await project({
    eventId: `place:${String(item.jobId)}`,
    change: "INSERT",
    newImage: item,
    oldImage: undefined,
    at: new Date(),
    isByExpiry: false,
    raw: item,
  });
}

async function recordLoss({ job_id, expires_ms }: Held): Promise<void> {
  const removal = expires_ms !== null && expires_ms <= Date.now() ? "expired" : "deleted";
  await markGone(job_id, { removedAt: new Date(), removal });
}

async function free(jobId: string, status: string): Promise<void> {
  await changeRecord((tx) =>
    tx
      .update(jobQueue)
      .set({ status: sql`${status}::queue_status`, completedAt: sql`now()` })
      .where(and(eq(jobQueue.jobId, jobId), isNull(jobQueue.completedAt))),
  );
}
