import type { FailureCounts, SupportJob, Throughput } from "@t2m/contract/admin";
import type { JobId, UserId } from "@t2m/contract/ids";
import type { SupportFilter } from "@t2m/contract/routes/admin";
import { and, desc, eq, gte, lt, sql } from "drizzle-orm";
import { changeRecord, readRecord } from "../database/access.ts";
import { jobs } from "../database/schema/jobs.ts";
import { notFound } from "../errors.ts";
import { idCursor, pageFrom } from "../history/pages.ts";
import { cancelJob } from "../jobs/cancel.ts";
import { note } from "../people/activity.ts";

/** How a job goes, and nothing of what it is about. */
const columns = {
  id: jobs.id,
  userId: jobs.userId,
  kind: jobs.kind,
  preset: sql<string | null>`${jobs.configuration} ->> 'preset'`,
  priority: jobs.priority,
  status: jobs.status,
  percent: jobs.progressPercentage,
  failureCode: sql<string | null>`${jobs.errorInfo} ->> 'code'`,
  createdAt: jobs.createdAt,
  startedAt: jobs.startedAt,
  finishedAt: jobs.finishedAt,
};

type Row = Pick<
  typeof jobs.$inferSelect,
  "id" | "userId" | "kind" | "priority" | "status" | "createdAt" | "startedAt" | "finishedAt"
> & { preset: string | null; percent: number; failureCode: string | null };

/** Everybody's jobs, newest first: how they go, and nothing of what they are about. */
export async function listAllJobs(filter: SupportFilter): Promise<{ items: SupportJob[]; cursor?: string }> {
  const { limit } = filter;
  const rows = await readRecord(
    (db) =>
      db
        .select(columns)
        .from(jobs)
        .where(narrowed(filter))
        .orderBy(desc(jobs.id))
        .limit(limit + 1),
    { mayLag: true },
  );
  return pageFrom(rows, limit, ({ id }) => id, supportJob);
}

function narrowed({ userId, status, failureCode, from, to, cursor }: SupportFilter) {
  const before = idCursor(cursor);
  return and(
    userId ? eq(jobs.userId, userId) : undefined,
    status ? eq(jobs.status, status) : undefined,
    failureCode ? sql`${jobs.errorInfo} ->> 'code' = ${failureCode}` : undefined,
    from ? gte(jobs.createdAt, new Date(from)) : undefined,
    to ? lt(jobs.createdAt, new Date(to)) : undefined,
    before ? lt(jobs.id, before) : undefined,
  );
}

function supportJob({ preset, failureCode, createdAt, startedAt, finishedAt, ...row }: Row): SupportJob {
  return {
    ...row,
    ...(preset !== null && { preset }),
    ...(failureCode !== null && { failureCode }),
    createdAt: createdAt.toISOString(),
    ...(startedAt !== null && { startedAt: startedAt.toISOString() }),
    ...(finishedAt !== null && { finishedAt: finishedAt.toISOString() }),
  };
}

/**
 * Cancels somebody's job for them; `by` is who does. Written down first: an act that is not recorded is not done.
 * Throws `ApiError` not_found.
 */
export async function cancelForUser(userId: UserId, jobId: JobId, by: UserId): Promise<void> {
  await changeRecord(async (tx) => {
    const [job] = await tx
      .select({ id: jobs.id })
      .from(jobs)
      .where(and(eq(jobs.id, jobId), eq(jobs.userId, userId)));
    if (!job) throw notFound("job");
    const subject = { type: "job", id: jobId };
    await note(tx, { userId, actorId: by, action: "job.cancelled", subject });
  });
  await cancelJob({ userId, jobId });
}

export type Span = { from?: string | undefined; to?: string | undefined };

const usualSpanMs = 24 * 3_600_000;
/** A year by the hour is more than anybody reads. */
const mostHours = 744;
const mostCodes = 100;

/** Failed jobs by their code, most frequent first. */
export async function listFailures(span: Span): Promise<FailureCounts> {
  const { from, to } = bounds(span);
  const rows = await readRecord(
    (db) =>
      db.execute<{ code: string; jobs: number; people: number; last_ms: number }>(sql`
        select coalesce(error_info ->> 'code', 'unknown') as code, count(*)::int as jobs,
          count(distinct user_id)::int as people,
          (extract(epoch from max(finished_at)) * 1000)::float8 as last_ms
        from jobs
        where status = 'failed' and finished_at >= ${from}::timestamptz and finished_at < ${to}::timestamptz
        group by 1 order by 2 desc, 1 limit ${mostCodes}`),
    { mayLag: true },
  );
  return {
    items: rows.map(({ code, jobs: failed, people, last_ms }) => ({
      code,
      jobs: failed,
      people,
      lastAt: new Date(last_ms).toISOString(),
    })),
  };
}

/** Jobs by the hour in which they were made or ended. */
export async function getThroughput(span: Span): Promise<Throughput> {
  const { from, to, fromId, toId } = bounds(span);
  const rows = await readRecord(
    (db) =>
      db.execute<HourRow>(sql`
        with made as (
          select date_trunc('hour', created_at) as hour, count(*) as created
          from jobs where id >= ${fromId}::uuid and id < ${toId}::uuid group by 1
        ), ended as (
          select date_trunc('hour', finished_at) as hour,
            count(*) filter (where status = 'completed') as completed,
            count(*) filter (where status = 'failed') as failed,
            count(*) filter (where status = 'cancelled') as cancelled
          from jobs where finished_at >= ${from}::timestamptz and finished_at < ${to}::timestamptz group by 1
        )
        select (extract(epoch from hour) * 1000)::float8 as starts_ms, coalesce(created, 0)::int as created,
          coalesce(completed, 0)::int as completed, coalesce(failed, 0)::int as failed,
          coalesce(cancelled, 0)::int as cancelled
        from made full join ended using (hour) order by hour limit ${mostHours}`),
    { mayLag: true },
  );
  return {
    hours: rows.map(({ starts_ms, ...counts }) => ({
      startsAt: new Date(starts_ms).toISOString(),
      ...counts,
    })),
  };
}

type HourRow = {
  starts_ms: number;
  created: number;
  completed: number;
  failed: number;
  cancelled: number;
};

function bounds({ from, to }: Span) {
  const end = to ? Date.parse(to) : Date.now() + 1;
  const begin = from ? Date.parse(from) : end - usualSpanMs;
  return {
    from: new Date(begin).toISOString(),
    to: new Date(end).toISOString(),
    fromId: idAt(begin),
    toId: idAt(end),
  };
}

/** The smallest UUIDv7 of a moment: jobs by the time they were made are found by their id. */
function idAt(ms: number): string {
  const time = Math.max(0, Math.min(ms, 2 ** 48 - 1))
    .toString(16)
    .padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
