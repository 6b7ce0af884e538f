import type { Batch, BatchJob, Queue } from "@t2m/contract/batches";
import type { BatchId, UserId } from "@t2m/contract/ids";
import { finalStatuses, jobStatuses } from "@t2m/contract/job-status";
import type { Page } from "@t2m/contract/page";
import { and, count, desc, eq, gt, inArray, lt, sql } from "drizzle-orm";
import { type Database, readRecord } from "../database/access.ts";
import { batches } from "../database/schema/batches.ts";
import { jobQueue } from "../database/schema/job-queue.ts";
import { jobs } from "../database/schema/jobs.ts";
import { notFound } from "../errors.ts";
import { outputsOf, presentPastJob } from "../history/jobs.ts";
import { idCursor, pageFrom } from "../history/pages.ts";
import { estimateStart, placesOf, recentRunSeconds, usualLimits } from "./line.ts";

type BatchRow = typeof batches.$inferSelect;

/** Throws `ApiError` not_found. */
export async function getBatch(userId: UserId, batchId: BatchId): Promise<Batch> {
  return await readRecord(async (db) => {
    const row = await needBatch(db, userId, batchId);
    return presentBatch(row, (await countsOf(db, [batchId])).get(batchId));
  });
}

/** Somebody's batches, newest first. Throws `ApiError` "request.invalid" for a cursor that is none. */
export async function listBatches(userId: UserId, page: Page): Promise<{ items: Batch[]; cursor?: string }> {
  const before = idCursor(page.cursor);
  return await readRecord(async (db) => {
    const rows = await db
      .select()
      .from(batches)
      .where(and(eq(batches.userId, userId), before ? lt(batches.id, before) : undefined))
      .orderBy(desc(batches.id))
      .limit(page.limit + 1);
    const counts = await countsOf(
      db,
      rows.map(({ id }) => id),
    );
    return pageFrom(
      rows,
      page.limit,
      ({ id }) => id,
      (row) => presentBatch(row, counts.get(row.id)),
    );
  });
}

/** A batch's jobs in their order, with the place of those that wait. Throws `ApiError` not_found. */
export async function listBatchJobs(
  userId: UserId,
  batchId: BatchId,
  page: Page,
): Promise<{ items: BatchJob[]; cursor?: string }> {
  const after = idCursor(page.cursor);
  return await readRecord(async (db) => {
    await needBatch(db, userId, batchId);
    const rows = await db
      .select()
      .from(jobs)
      .where(and(eq(jobs.batchId, batchId), eq(jobs.userId, userId), after ? gt(jobs.id, after) : undefined))
      .orderBy(jobs.id)
      .limit(page.limit + 1);
    const outputs = await outputsOf(db, rows);
    const waits = rows.some(({ status }) => status === "queued");
    const places = waits ? await placesOf(db, userId) : new Map<string, never>();
    const runSeconds = waits ? await recentRunSeconds(db) : 0;
    return pageFrom(
      rows,
      page.limit,
      ({ id }) => id,
      (row) => {
        const place = places.get(row.id);
        return {
          ...presentPastJob(row, outputs.get(row.id)),
          ...(place && {
            place: place.place,
            estimatedStartAt: estimateStart(place, runSeconds, usualLimits),
          }),
        };
      },
    );
  });
}

/** Somebody's place in the queue. */
export async function getQueue(userId: UserId): Promise<Queue> {
  return await readRecord(async (db) => {
    const rows = await db
      .select({ status: jobQueue.status, jobs: count() })
      .from(jobQueue)
      .where(
        and(
          eq(jobQueue.userId, userId),
          inArray(jobQueue.status, ["queued", "paused", "claimed", "running"]),
        ),
      )
      .groupBy(jobQueue.status);
    const counted = new Map(rows.map((row) => [row.status, row.jobs]));
    const queued = counted.get("queued") ?? 0;
    const next =
      queued > 0
        ? [...(await placesOf(db, userId)).values()].find(({ ownPlace }) => ownPlace === 1)
        : undefined;
    return {
      queued,
      paused: counted.get("paused") ?? 0,
      running: (counted.get("claimed") ?? 0) + (counted.get("running") ?? 0),
      limits: usualLimits,
      ...(next && {
        nextPlace: next.place,
        estimatedStartAt: estimateStart(next, await recentRunSeconds(db), usualLimits),
      }),
    };
  });
}

async function needBatch(db: Database, userId: UserId, batchId: BatchId): Promise<BatchRow> {
  const [row] = await db
    .select()
    .from(batches)
    .where(and(eq(batches.id, batchId), eq(batches.userId, userId)));
  if (!row) throw notFound("batch");
  return row;
}

type Counts = { jobs: Map<string, number>; percentSum: number };

async function countsOf(db: Database, batchIds: readonly BatchId[]): Promise<Map<BatchId, Counts>> {
  if (batchIds.length === 0) return new Map();
  const rows = await db
    .select({
      batchId: jobs.batchId,
      status: jobs.status,
      jobs: count(),
      percentSum: sql<number>`sum(${jobs.progressPercentage})`.mapWith(Number),
    })
    .from(jobs)
    .where(inArray(jobs.batchId, [...batchIds]))
    .groupBy(jobs.batchId, jobs.status);
  return new Map(
    [...Map.groupBy(rows, ({ batchId }) => batchId ?? "")].map(([batchId, some]) => [
      batchId,
      {
        jobs: new Map(some.map((row) => [row.status, row.jobs])),
        percentSum: some.reduce(
          (sum, row) => sum + (finalStatuses.includes(row.status) ? 100 * row.jobs : row.percentSum),
          0,
        ),
      },
    ]),
  );
}

function presentBatch(row: BatchRow, counts: Counts = { jobs: new Map(), percentSum: 0 }): Batch {
  const byStatus = Object.fromEntries(jobStatuses.map((status) => [status, counts.jobs.get(status) ?? 0]));
  const known = [...counts.jobs.values()].reduce((sum, jobs) => sum + jobs, 0);
  const open = known - finalStatuses.reduce((sum, status) => sum + (counts.jobs.get(status) ?? 0), 0);
  return {
    id: row.id,
    ...(row.name !== null && { name: row.name }),
    priority: row.priority,
    status: statusOf(row, open),
    jobCount: row.jobCount,
    jobs: byStatus as Batch["jobs"],
    percent: known === 0 ? 100 : Math.floor((counts.percentSum / known) * 10) / 10,
    createdAt: row.createdAt.toISOString(),
  };
}

function statusOf({ status }: BatchRow, open: number): Batch["status"] {
  if (status === "cancelled") return "cancelled";
  if (open === 0) return "finished";
  return status === "paused" ? "paused" : "open";
}
