import type { StorageUse, WholeQueue } from "@t2m/contract/admin";
import { sql } from "drizzle-orm";
import { config } from "../config.ts";
import { readRecord } from "../database/access.ts";

const mostPeople = 20;

/** What is stored at this moment. */
export async function getStorageUse(): Promise<StorageUse> {
  return await readRecord(
    async (db) => {
      const kinds = await db.execute<{ kind: string; files: number; bytes: number }>(sql`
        select file_type as kind, count(*)::int as files, sum(file_size)::float8 as bytes
        from file_metadata where removed_at is null group by 1 order by 3 desc`);
      const people = await db.execute<{ user_id: string; files: number; bytes: number }>(sql`
        select user_id, count(*)::int as files, sum(file_size)::float8 as bytes
        from file_metadata where removed_at is null group by 1 order by 3 desc, 1 limit ${mostPeople}`);
      return {
        files: kinds.reduce((sum, { files }) => sum + files, 0),
        sizeBytes: kinds.reduce((sum, { bytes }) => sum + bytes, 0),
        kinds: kinds.map(({ kind, files, bytes: sizeBytes }) => ({ kind, files, sizeBytes })),
        people: people.map(({ user_id: userId, files, bytes: sizeBytes }) => ({ userId, files, sizeBytes })),
      };
    },
    { mayLag: true },
  );
}

/** The queue of all, with who waits for most. */
export async function getWholeQueue(): Promise<WholeQueue> {
  return await readRecord(async (db) => {
    const [all] = await db.execute<{
      queued: number;
      paused: number;
      running: number;
      oldest_ms: number | null;
    }>(sql`
      select count(*) filter (where status = 'queued')::int as queued,
        count(*) filter (where status = 'paused')::int as paused,
        count(*) filter (where status in ('claimed', 'running'))::int as running,
        (extract(epoch from min(queued_at) filter (where status = 'queued')) * 1000)::float8 as oldest_ms
      from job_queue where completed_at is null`);
    const people = await db.execute<{ user_id: string; queued: number; running: number }>(sql`
      select user_id, count(*) filter (where status = 'queued')::int as queued,
        count(*) filter (where status in ('claimed', 'running'))::int as running
      from job_queue where completed_at is null and status <> 'paused'
      group by 1 order by 2 desc, 1 limit ${mostPeople}`);
    const oldestMs = all?.oldest_ms ?? null;
    return {
      queued: all?.queued ?? 0,
      paused: all?.paused ?? 0,
      running: all?.running ?? 0,
      limits: config().queueLimits,
      ...(oldestMs !== null && { oldestQueuedAt: new Date(oldestMs).toISOString() }),
      people: people.map(({ user_id: userId, queued, running }) => ({ userId, queued, running })),
    };
  });
}
