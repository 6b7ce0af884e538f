import { queueLimits } from "@t2m/contract/limits";
import type { Sql } from "postgres";
import { withoutIndexes } from "./without-indexes.ts";

export type FillOptions = {
  jobs: number;
  /** The first of them has a tenth of all jobs. */
  users: number;
  eventsPerJob?: number;
  /** One job in so many has its files, events, usage, activity and session; all where absent. */
  detailedEvery?: number;
  /** Who the first of them is; somebody of ours where absent. */
  firstUserId?: string;
  /** All where absent. */
  tables?: readonly (keyof typeof tables)[];
};

/**
 * Fills an empty record with two years of many people's work, as retention leaves it: most jobs completed, each with
 * its source and output, some failed or cancelled; of the newest tenth one in twenty still in line, and as many under
 * way as may be; half of all in batches. Made by Postgres itself, and the same each time.
 */
export async function fillRecord(sql: Sql, options: FillOptions): Promise<void> {
  const { jobs, users, eventsPerJob = 2, detailedEvery = 1, firstUserId, tables: wanted } = options;
  await sql.begin(async (tx) => {
    await tx.unsafe("set local statement_timeout = 0");
    await tx.unsafe(fillingOf(Math.trunc(jobs), Math.trunc(users), Math.trunc(detailedEvery)));
    if (firstUserId) await tx`update filling set user_id = ${firstUserId} where user_id = ${userId(0)}`;
    await withoutIndexes(tx, async () => {
      for (const [name, rows] of Object.entries(tables)) {
        if (!wanted || wanted.some((one) => one === name)) await tx.unsafe(rows);
      }
      await tx.unsafe(eventsOf(Math.trunc(eventsPerJob)));
    });
  });
  // The planner knows nothing of new rows until it has looked, and reads no index alone of pages never vacuumed.
  await sql.unsafe("set statement_timeout = 0");
  await sql.unsafe("vacuum analyze");
  await sql.unsafe("reset statement_timeout");
}

/** A UUIDv7 of that moment; `kind` keeps those apart that are of the same. */
const idAt = (at: string, kind: number, number: string) =>
  `(lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0') || '700${kind}8'
    || lpad(to_hex(${number}), 15, '0'))::uuid`;

const userId = (number: number) => `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;

const fillingOf = (jobs: number, users: number, detailedEvery: number) => `
create temporary table filling on commit drop as
select i, at, status, status in ('completed', 'failed', 'cancelled') as has_ended, is_detailed,
  ('${userId(0).slice(0, 24)}' || lpad(to_hex(who), 12, '0'))::uuid as user_id, ${idAt("at", 1, "i")} as id,
  ${idAt("at", 2, "i")} as upload_id,
  case when i % 10 > 4 then ${idAt("timestamptz '2026-01-01'", 3, "who * 1000000::bigint + i / 10000")} end as batch_id,
  (array['high', 'normal', 'low']::job_priority[])[1 + i % 3] as priority
from (
  select i, now() - interval '2 years' * (${jobs} - i) / ${jobs} as at, i / 20 % ${detailedEvery} = 0 as is_detailed,
    case when i / 9 % 10 = 0 then 0 else i % ${users} end as who,
    (case when i % 20 = 7 and i > 0.9 * ${jobs} + 20 * ${queueLimits.all} then 'queued'
      when i % 20 = 7 and i > 0.9 * ${jobs} then 'running'
      when i % 20 = 1 then 'failed' when i % 25 = 2 then 'cancelled' else 'completed' end)::job_status as status
  from generate_series(1, ${jobs}) i
) made`;

const expired = `case when at < now() - interval '1 day' then at + interval '1 day' end,
    case when at < now() - interval '1 day' then 'expired'::removal end`;

const tables = {
  people: `insert into users (id, issuer, subject, email, created_at)
  select user_id, 'https://issuer.example', user_id::text, user_id || '@example.com', min(at)
  from filling group by user_id`,
  batches: `insert into batches (id, user_id, name, job_count, created_at)
  select batch_id, min(user_id::text)::uuid, 'batch', least(count(*), 1000), min(at)
  from filling where batch_id is not null group by batch_id`,
  jobs: `insert into jobs (id, user_id, batch_id, upload_id, kind, status, priority, topic, configuration,
    progress_percentage, error_info, version, created_at, started_at, finished_at, expires_at, removed_at, removal,
    archived_at)
  select id, user_id, batch_id, upload_id, 'conversion', status, priority, 'song ' || i || '.wav',
    '{"preset": "mp3", "options": {}}', case status when 'completed' then 100 else 0 end,
    case status when 'failed' then '{"code": "media.unrecognized", "message": "no media"}'::jsonb end,
    case status when 'queued' then 0 when 'running' then 3 else 4 end, at,
    case when status <> 'queued' then at + interval '1 minute' end,
    case when has_ended then at + interval '2 minutes' end, at + interval '1 day',
    case when has_ended and at < now() - interval '1 day' then at + interval '1 day' end,
    case when has_ended and at < now() - interval '1 day' then
      (case when i % 50 = 7 and at > now() - interval '4 days' then 'deleted' else 'expired' end)::removal end,
    case when has_ended and at < now() - interval '90 days' then at + interval '90 days' end
  from filling`,
  queue: `insert into job_queue (id, job_id, user_id, priority, status, queued_at, processing_started_at, completed_at)
  select ${idAt("at", 4, "i")}, id, user_id, priority, status::text::queue_status, at,
    case when status <> 'queued' then at + interval '1 minute' end,
    case when has_ended then at + interval '2 minutes' end
  from filling where not has_ended or batch_id is not null`,
  sources: `insert into file_metadata (id, user_id, file_type, original_filename, s3_bucket, s3_key, file_size, content_type,
    created_at, expires_at, removed_at, removal)
  select upload_id, user_id, 'source', 'song ' || i || '.wav', 'uploads',
    'users/' || user_id || '/uploads/' || upload_id || '/source', 1000000 + i, 'audio/wav', at, at + interval '1 day',
    ${expired}
  from filling where is_detailed`,
  outputs: `insert into file_metadata (id, user_id, job_id, file_type, original_filename, s3_bucket, s3_key, file_size,
    content_type, duration_seconds, created_at, expires_at, removed_at, removal)
  select ${idAt("at", 6, "i")}, user_id, id, 'main', 'song ' || i || '.mp3', 'videos',
    'users/' || user_id || '/jobs/' || id || '/outputs/main.mp3', 100000 + i, 'audio/mpeg', 60, at,
    at + interval '1 day', ${expired}
  from filling where status = 'completed' and is_detailed`,
  usage: `insert into usage_daily (user_id, day, jobs_created)
  select user_id, at::date, count(*) from filling where is_detailed group by user_id, at::date`,
  activity: `insert into activity_log (id, at, user_id, actor_id, action)
  select ${idAt("at", 5, "i")}, at, user_id, user_id, 'file.shared'
  from filling where is_detailed and at > now() - interval '400 days'`,
  sessions: `insert into sessions (id, user_id, created_at, last_seen_at, expires_at)
  select ${idAt("at", 7, "i")}, user_id, at, at, at + interval '1 hour' from filling
  where i % 7 = 1 and is_detailed and at > now() - interval '30 days'`,
};

const eventsOf = (count: number) => `
insert into job_events (job_id, sequence, type, at, status)
select id, n, case n when 1 then 'job.created' else 'step.started' end, at, status
from filling, generate_series(1, ${count}) n where is_detailed and at > now() - interval '90 days'`;
