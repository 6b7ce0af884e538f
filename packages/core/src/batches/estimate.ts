import { inArray, sql } from "drizzle-orm";
import type { Database, Transaction } from "../database/access.ts";
import { fileMetadata } from "../database/schema/file-metadata.ts";
import type { Limits, Place } from "./line.ts";

// When jobs may start and end, as others went of late. Where there is nothing to go by, nothing is said.

/** A conversion that was completed: what it made of how much, and how long that took. */
export type Run = { preset: string; sourceBytes: number; runSeconds: number };

/** What is older tells of other converters. */
const recentDays = 7;
const runsRead = 500;
/** Of another size than this many times as large or small, a file says nothing of ours: what is fixed weighs too much. */
const likeSize = 8;
const fewest = 3;
/** The nearest in size; more would only bring in those that are less alike. */
const most = 15;

/** The last conversions that were completed, newest first. */
export async function recentRuns(db: Database | Transaction): Promise<Run[]> {
  const rows = await db.execute<{ preset: string; source_bytes: number; run_seconds: number }>(sql`
    select recent.preset, source.file_size::float8 as source_bytes, recent.run_seconds
    from (
      select upload_id, status, configuration ->> 'preset' as preset,
        extract(epoch from finished_at - started_at)::float8 as run_seconds
      from jobs where finished_at > now() - make_interval(days => ${sql.raw(String(recentDays))})
      order by finished_at desc, id desc limit ${sql.raw(String(runsRead))}
    ) as recent join file_metadata source on source.id = recent.upload_id
    where recent.status = 'completed' and recent.run_seconds is not null and recent.preset is not null
      and source.file_size > 0`);
  return rows.map((row) => ({
    preset: row.preset,
    sourceBytes: row.source_bytes,
    runSeconds: row.run_seconds,
  }));
}

/** Sizes of completed uploads in bytes, of those that the record knows. */
export async function sourceSizes(
  db: Database,
  uploadIds: readonly (string | null)[],
): Promise<Map<string, number>> {
  const ids = [...new Set(uploadIds)].filter((id) => id !== null);
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({ id: fileMetadata.id, sizeBytes: fileMetadata.fileSize })
    .from(fileMetadata)
    .where(inArray(fileMetadata.id, ids));
  return new Map(rows.map(({ id, sizeBytes }) => [id, sizeBytes]));
}

/** How long a conversion may work: as those by the same preset did whose sources were about as large. Seconds. */
export function expectedRunSeconds(
  runs: readonly Run[],
  { preset, sourceBytes }: { preset: string | undefined; sourceBytes: number | undefined },
): number | undefined {
  if (!sourceBytes) return undefined;
  const distance = (run: Run) => Math.abs(Math.log(run.sourceBytes / sourceBytes));
  const alike = runs
    .filter((run) => run.preset === preset && distance(run) <= Math.log(likeSize))
    .toSorted((a, b) => distance(a) - distance(b))
    .slice(0, most);
  if (alike.length < fewest) return undefined;
  return middle(alike.map((run) => (run.runSeconds * sourceBytes) / run.sourceBytes));
}

/** In how many seconds a job at this place may start, as long as those before it take as long as jobs did of late. */
export function secondsToStart(
  { place, ownPlace }: Place,
  runs: readonly Run[],
  limits: Limits,
): number | undefined {
  const mean = meanRunSeconds(runs);
  if (mean === undefined) return undefined;
  return Math.max(Math.ceil(place / limits.all), Math.ceil(ownPlace / limits.perUser)) * mean;
}

export function meanRunSeconds(runs: readonly Run[]): number | undefined {
  if (runs.length < fewest) return undefined;
  return runs.reduce((sum, { runSeconds }) => sum + runSeconds, 0) / runs.length;
}

/** A moment in so many seconds, as the API tells it; undefined stays so. */
export function momentIn(...seconds: (number | undefined)[]): string | undefined {
  const sum = seconds.reduce<number | undefined>(
    (total, some) => (total === undefined || some === undefined ? undefined : total + some),
    0,
  );
  return sum === undefined ? undefined : new Date(Date.now() + sum * 1000).toISOString();
}

function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
