import { eq } from "drizzle-orm";
import type { Transaction } from "../database/access.ts";
import { fileMetadata } from "../database/schema/file-metadata.ts";
import { jobQueue } from "../database/schema/job-queue.ts";
import { jobs } from "../database/schema/jobs.ts";
import type { JobItem } from "../jobs/items.ts";
import { ended } from "../jobs/state.ts";
import { hasEnded } from "../jobs/transitions.ts";
import { joinEarlyEvents } from "./early-events.ts";
import { assertMayHaveMoved } from "./moves.ts";
import { holdOwner } from "./owner.ts";
import { markRemoved, type Removed } from "./removed.ts";
import { jobRow, outcomeOf, outputRows } from "./rows.ts";
import { addUsage } from "./usage.ts";

type Known = Pick<typeof jobs.$inferSelect, "version" | "status" | "removedAt">;

/**
 * Records a job as its item has it; `removed`: the item is gone, and this is how it last was. Row, queue, files and
 * usage move together. An item no newer than what is known changes nothing but for its removal. Gives whether
 * anything changed. Throws `IllegalTransition`.
 */
export async function recordJob(tx: Transaction, item: JobItem, removed?: Removed): Promise<boolean> {
  const [known] = await tx
    .select({ version: jobs.version, status: jobs.status, removedAt: jobs.removedAt })
    .from(jobs)
    .where(eq(jobs.id, item.jobId))
    .for("update");
  const isNew = known ? await advance(tx, item, known) : await begin(tx, item);
  const isRemoval = removed !== undefined && !known?.removedAt && (known !== undefined || isNew);
  if (isRemoval) await removeJob(tx, item, removed);
  return isNew || isRemoval;
}

async function begin(tx: Transaction, item: JobItem): Promise<boolean> {
  if (!(await holdOwner(tx, item.userId, new Date(item.createdAt)))) return false;
  const inserted = await tx
    .insert(jobs)
    .values(jobRow(item))
    .onConflictDoNothing()
    .returning({ id: jobs.id });
  // A rebuild that runs beside us was faster by a moment.
  if (inserted.length === 0) return await recordJob(tx, item);
  await joinEarlyEvents(tx, item.jobId);
  await addUsage(tx, item.userId, new Date(item.createdAt), { jobsCreated: 1 });
  if (hasEnded(item.status)) await end(tx, item);
  return true;
}

async function advance(tx: Transaction, item: JobItem, known: Known): Promise<boolean> {
  if (item.version <= known.version) return false;
  assertMayHaveMoved(item.jobId, known.status, item.status);
  const { id, userId, ...row } = jobRow(item);
  await tx
    .update(jobs)
    .set({ ...row, updatedAt: new Date() })
    .where(eq(jobs.id, id));
  await moveQueue(tx, item);
  if (known.version === 0) {
    await joinEarlyEvents(tx, id);
    await addUsage(tx, userId, new Date(item.createdAt), { jobsCreated: 1 });
  }
  if (hasEnded(item.status) && !hasEnded(known.status)) await end(tx, item);
  return true;
}

const counterOf = {
  completed: "jobsCompleted",
  failed: "jobsFailed",
  cancelled: "jobsCancelled",
} as const;

/** A job ends once: so are its files recorded, and its outcome counted. */
async function end(tx: Transaction, item: JobItem): Promise<void> {
  const files = outputRows(item);
  if (files.length > 0) await tx.insert(fileMetadata).values(files).onConflictDoNothing();
  const { status, finishedAt = item.createdAt } = item;
  if (status !== "completed" && status !== "failed" && status !== "cancelled") return;
  await addUsage(tx, item.userId, new Date(finishedAt), { [counterOf[status]]: 1, ...outcomeOf(item) });
}

/** What stood in line has been released: from here on the job itself says how it goes. */
async function moveQueue(tx: Transaction, item: JobItem): Promise<void> {
  const { status, startedAt, finishedAt } = item;
  const isEnd = status === "completed" || status === "failed" || status === "cancelled";
  await tx
    .update(jobQueue)
    .set({
      status: isEnd ? status : "running",
      claimToken: null,
      claimedUntil: null,
      processingStartedAt: startedAt === undefined ? null : new Date(startedAt),
      completedAt: isEnd ? new Date(finishedAt ?? item.createdAt) : null,
    })
    .where(eq(jobQueue.jobId, item.jobId));
}

async function removeJob(tx: Transaction, item: JobItem, removed: Removed): Promise<void> {
  if (!hasEnded(item.status)) await cancelRemoved(tx, item, removed);
  await markRemoved(tx, item.jobId, removed);
}

/** Removed before its end: nothing will come of it any more. */
async function cancelRemoved(tx: Transaction, item: JobItem, { removedAt }: Removed): Promise<void> {
  const cancelled = { ...ended(item, removedAt.getTime()), status: "cancelled" as const };
  const { id, ...row } = jobRow(cancelled);
  await tx.update(jobs).set(row).where(eq(jobs.id, id));
  await moveQueue(tx, cancelled);
  await end(tx, cancelled);
}
