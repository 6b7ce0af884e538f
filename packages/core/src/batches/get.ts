import type { Batch, BatchJob, Queue } from "@t2m/contract/batches";
import type { BatchId, UserId } from "@t2m/contract/ids";
import { finalStatuses, jobStatuses } from "@t2m/contract/job-status";
import type { Page } from "@t2m/contract/page";
import { and, count, desc, eq, gt, inArray, lt, sql } from "drizzle-orm";
import { config } from "../config.ts";
import { type Database, readRecord } from "../database/access.ts";
import { batches } from "../database/schema/batches.ts";
import { jobQueue } from "../database/schema/job-queue.ts";
import { jobs } from "../database/schema/jobs.ts";
import { notFound } from "../errors.ts";
import { outputsOf, ownedBy, presentPastJob } from "../history/jobs.ts";
import { idCursor, pageFrom } from "../history/pages.ts";
import {
  expectedRunSeconds,
  meanRunSeconds,
  momentIn,
  type Run,
  recentRuns,
  secondsToStart,
  sourceSizes,
} from "./estimate.ts";
import { type Place, placesOf } from "./line.ts";

type BatchRow = typeof batches.$inferSelect;

/** Throws `ApiError` not_found. */
export async function getBatch(userId: UserId, batchId: BatchId): Promise<Batch> {
  return await readRecord(async (db) => {
    const row = await needBatch(db, userId, batchId);
    const batch = presentBatch(row, (await countsOf(db, [batchId])).get(batchId));
    if (batch.status !== "open") return batch;
    const estimatedCompletionAt = await batchCompletion(db, row);
    return { ...batch, ...(estimatedCompletionAt && { estimatedCompletionAt }) };
  });
}

/** When the last of a batch's jobs may have ended; undefined where nobody can know. */
async function batchCompletion(db: Database, { id, userId }: BatchRow): Promise<string | undefined> {
  const open = await db
    .select({ id: jobs.id, status: jobs.status, estimatedCompletion: jobs.estimatedCompletion })
    .from(jobs)
    .where(and(eq(jobs.batchId, id), inArray(jobs.status, ["queued", "running"])));
  const places = await placesOf(db, userId);
  const waiting = open.map((job) => places.get(job.id)).filter((place) => place !== undefined);
  if (waiting.length === 0) return laterThanNow(latest(open.map((job) => job.estimatedCompletion)));
  const runs = await recentRuns(db);
  const { queueLimits } = config();
  const starts = waiting.map((place) => secondsToStart(place, runs, queueLimits) ?? 0);
  return momentIn(Math.max(...starts), meanRunSeconds(runs));
}

/** Of jobs that run: one of which nobody knows leaves it open. */
function latest(moments: readonly (Date | null)[]): Date | null {
  if (moments.length === 0 || moments.includes(null)) return null;
  return new Date(Math.max(...moments.map((moment) => moment?.getTime() ?? 0)));
}

/** What should have happened by now is no estimate any more. */
function laterThanNow(moment: Date | null): string | undefined {
  return moment !== null && moment.getTime() > Date.now() ? moment.toISOString() : undefined;
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
      .where(and(...ownedBy(userId), eq(jobs.batchId, batchId), after ? gt(jobs.id, after) : undefined))
      .orderBy(jobs.id)
      .limit(page.limit + 1);
    const outputs = await outputsOf(db, rows);
    const outlook = await outlookOf(db, userId, rows);
    return pageFrom(
      rows,
      page.limit,
      ({ id }) => id,
      (row) => ({ ...presentPastJob(row, outputs.get(row.id)), ...outlook(row) }),
    );
  });
}

type Outlook = Pick<BatchJob, "place" | "estimatedStartAt" | "estimatedCompletionAt">;
type JobRow = typeof jobs.$inferSelect;

/** Where jobs of one owner stand, and when they may start and end. */
async function outlookOf(
  db: Database,
  userId: UserId,
  rows: readonly JobRow[],
): Promise<(row: JobRow) => Outlook> {
  const waiting = rows.filter(({ status, version }) => status === "queued" && version === 0);
  const waits = waiting.length > 0;
  const places = waits ? await placesOf(db, userId) : new Map<string, Place>();
  const runs = waits ? await recentRuns(db) : [];
  const sizes = await sourceSizes(
    db,
    waiting.map(({ uploadId }) => uploadId),
  );
  return (row) => {
    const place = places.get(row.id);
    if (place) return outlookFrom(place, runs, expectedRunSeconds(runs, sizeAndPreset(row, sizes)));
    const end = row.finishedAt === null ? laterThanNow(row.estimatedCompletion) : undefined;
    return end === undefined ? {} : { estimatedCompletionAt: end };
  };
}

function outlookFrom(place: Place, runs: readonly Run[], runSeconds: number | undefined): Outlook {
  const untilStart = secondsToStart(place, runs, config().queueLimits);
  const estimatedStartAt = momentIn(untilStart);
  const estimatedCompletionAt = momentIn(untilStart, runSeconds);
  return {
    place: place.place,
    ...(estimatedStartAt && { estimatedStartAt }),
    ...(estimatedCompletionAt && { estimatedCompletionAt }),
  };
}

function sizeAndPreset({ configuration, uploadId }: JobRow, sizes: ReadonlyMap<string, number>) {
  const { preset } = configuration as { preset?: string };
  return { preset, sourceBytes: sizes.get(uploadId ?? "") };
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
    const places = queued > 0 ? [...(await placesOf(db, userId)).values()] : [];
    const next = places.find(({ ownPlace }) => ownPlace === 1);
    const last = places.find(({ ownPlace }) => ownPlace === places.length);
    const { queueLimits } = config();
    const runs = next ? await recentRuns(db) : [];
    const estimatedStartAt = next && momentIn(secondsToStart(next, runs, queueLimits));
    const estimatedCompletionAt =
      last && momentIn(secondsToStart(last, runs, queueLimits), meanRunSeconds(runs));
    return {
      queued,
      paused: counted.get("paused") ?? 0,
      running: (counted.get("claimed") ?? 0) + (counted.get("running") ?? 0),
      limits: queueLimits,
      ...(next && { nextPlace: next.place }),
      ...(estimatedStartAt && { estimatedStartAt }),
      ...(estimatedCompletionAt && { estimatedCompletionAt }),
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
