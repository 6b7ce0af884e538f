import type { Sql } from "postgres";

export type FillOptions = {
  jobs: number;
  /** The first of them has a tenth of all jobs. */
  users: number;
  eventsPerJob?: number;
};

/**
 * Fills an empty record with two years of many people's work: most jobs completed, each with its source and output,
 * some failed or cancelled, one in twenty still in line, in batches of a hundred. Made by Postgres itself, and the
 * same each time.
 */
export async function fillRecord(sql: Sql, { jobs, users, eventsPerJob = 2 }: FillOptions): Promise<void> {
  await sql.begin(async (tx) => {
    await tx.unsafe(helpers);
    await tx.unsafe(fillingOf(Math.trunc(jobs), Math.trunc(users)));
    for (const rows of tables) await tx.unsafe(rows);
    await tx.unsafe(eventsOf(Math.trunc(eventsPerJob)));
  });
  // The planner knows nothing of new rows until it has looked, and reads no index alone of pages never vacuumed.
  await sql.unsafe("vacuum analyze");
}

const helpers = `
set local statement_timeout = 0;
create function pg_temp.id_at(at timestamptz, seed text) returns uuid language sql as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(seed), 1, 3)
    || '8' || substr(md5(seed), 4, 15))::uuid
$$`;

const fillingOf = (jobs: number, users: number) => `
create temporary table filling on commit drop as
select i, at, status, md5('user' || who)::uuid as user_id, pg_temp.id_at(at, 'job' || i) as id,
  pg_temp.id_at(at, 'upload' || i) as upload_id,
  case when i % 10 > 4 then pg_temp.id_at('2026-01-01', 'batch' || who || '-' || i / 10000) end as batch_id,
  (array['high', 'normal', 'low']::job_priority[])[1 + i % 3] as priority
from (
  select i, now() - interval '2 years' * (${jobs} - i) / ${jobs} as at,
    case when i % 10 = 0 then 0 else i % ${users} end as who,
    (case when i % 20 = 3 then 'queued' when i % 20 = 1 then 'failed' when i % 25 = 2 then 'cancelled'
      else 'completed' end)::job_status as status
  from generate_series(1, ${jobs}) i
) made;
create index on filling (i)`;

const tables = [
  `insert into users (id, issuer, subject, email, created_at)
  select user_id, 'https://issuer.example', user_id::text, user_id || '@example.com', min(at)
  from filling group by user_id`,
  `insert into batches (id, user_id, name, job_count, created_at)
  select batch_id, min(user_id::text)::uuid, 'batch', least(count(*), 1000), min(at)
  from filling where batch_id is not null group by batch_id`,
  `insert into jobs (id, user_id, batch_id, upload_id, kind, status, priority, topic, configuration,
    progress_percentage, error_info, version, created_at, started_at, finished_at, expires_at, removed_at, removal)
  select id, user_id, batch_id, upload_id, 'conversion', status, priority, 'song ' || i || '.wav',
    '{"preset": "mp3", "options": {}}', case status when 'completed' then 100 else 0 end,
    case status when 'failed' then '{"code": "media.unrecognized", "message": "no media"}'::jsonb end,
    case status when 'queued' then 0 else 4 end, at,
    case when status <> 'queued' then at + interval '1 minute' end,
    case when status <> 'queued' then at + interval '2 minutes' end, at + interval '1 day',
    case when status <> 'queued' and at < now() - interval '1 day' then at + interval '1 day' end,
    case when status <> 'queued' and at < now() - interval '1 day' then
      (case i % 50 when 7 then 'deleted' else 'expired' end)::removal end
  from filling`,
  `insert into job_queue (id, job_id, user_id, priority, status, queued_at)
  select pg_temp.id_at(at, 'queue' || i), id, user_id, priority, 'queued', at from filling where status = 'queued'`,
  `insert into file_metadata (id, user_id, file_type, original_filename, s3_bucket, s3_key, file_size, content_type,
    created_at, expires_at)
  select upload_id, user_id, 'source', 'song ' || i || '.wav', 'uploads',
    'users/' || user_id || '/uploads/' || upload_id || '/source', 1000000 + i, 'audio/wav', at, at + interval '1 day'
  from filling`,
  `insert into file_metadata (id, user_id, job_id, file_type, original_filename, s3_bucket, s3_key, file_size,
    content_type, duration_seconds, created_at, expires_at)
  select md5('file' || i)::uuid, user_id, id, 'main', 'song ' || i || '.mp3', 'videos',
    'users/' || user_id || '/jobs/' || id || '/outputs/main.mp3', 100000 + i, 'audio/mpeg', 60, at, at + interval '1 day'
  from filling where status = 'completed'`,
  `insert into usage_daily (user_id, day, jobs_created)
  select user_id, at::date, count(*) from filling group by user_id, at::date`,
  `insert into activity_log (id, at, user_id, actor_id, action)
  select pg_temp.id_at(at, 'activity' || i), at, user_id, user_id, 'file.shared' from filling`,
  `insert into sessions (id, user_id, created_at, last_seen_at, expires_at)
  select md5('session' || i)::uuid, user_id, at, at, at + interval '1 hour' from filling where i % 7 = 1`,
];

const eventsOf = (count: number) => `
insert into job_events (job_id, sequence, type, at, status)
select id, n, case n when 1 then 'job.created' else 'step.started' end, at, status
from filling, generate_series(1, ${count}) n`;
