import type { UserId } from "@t2m/contract/ids";
import { jobStatuses, openStatuses } from "@t2m/contract/job-status";
import type { Statistics } from "@t2m/contract/people";
import { and, count, eq, inArray, isNull, sql, sum } from "drizzle-orm";
import { type Database, readRecord } from "../database/access.ts";
import { fileMetadata } from "../database/schema/file-metadata.ts";
import { jobs } from "../database/schema/jobs.ts";
import { usageDaily } from "../database/schema/usage.ts";

/** How much somebody uses and used. What happened in the last seconds may be missing. */
export async function getStatistics(userId: UserId): Promise<Statistics> {
  return await readRecord((db) => statisticsIn(db, userId), { mayLag: true });
}

export async function statisticsIn(db: Database, userId: UserId): Promise<Statistics> {
  const open = await db
    .select({ status: jobs.status, jobs: count() })
    .from(jobs)
    .where(and(eq(jobs.userId, userId), inArray(jobs.status, openStatuses)))
    .groupBy(jobs.status);
  const [stored] = await db
    .select({ files: count(), sizeBytes: sum(fileMetadata.fileSize).mapWith(Number) })
    .from(fileMetadata)
    .where(and(eq(fileMetadata.userId, userId), isNull(fileMetadata.removedAt)));
  const total = (column: Parameters<typeof sum>[0]) =>
    sql<number>`coalesce(sum(${column}), 0)`.mapWith(Number);
  const [used] = await db
    .select({
      completed: total(usageDaily.jobsCompleted),
      failed: total(usageDaily.jobsFailed),
      cancelled: total(usageDaily.jobsCancelled),
      uploadedBytes: total(usageDaily.uploadedBytes),
      producedBytes: total(usageDaily.outputBytes),
      producedSeconds: total(usageDaily.mediaSeconds),
      computeSeconds: total(usageDaily.runSeconds),
    })
    .from(usageDaily)
    .where(eq(usageDaily.userId, userId));
  const counted = new Map(open.map((row) => [row.status, row.jobs]));
  const ended = {
    completed: used?.completed ?? 0,
    failed: used?.failed ?? 0,
    cancelled: used?.cancelled ?? 0,
  };
  const none = Object.fromEntries(jobStatuses.map((status) => [status, counted.get(status) ?? 0]));
  return {
    jobs: { ...none, ...ended } as Statistics["jobs"],
    storedFiles: stored?.files ?? 0,
    storedBytes: stored?.sizeBytes ?? 0,
    uploadedBytes: used?.uploadedBytes ?? 0,
    producedBytes: used?.producedBytes ?? 0,
    producedSeconds: used?.producedSeconds ?? 0,
    computeSeconds: used?.computeSeconds ?? 0,
  };
}
