import { randomUUID } from "node:crypto";
import type { ConversionRequest } from "@t2m/contract/presets";
import { sql } from "drizzle-orm";
import { changeRecord, type Transaction } from "../database/access.ts";
import { busy, type Limits, urgency } from "./line.ts";

/** The right to release a job, for a while. */
export type Claim = {
  jobId: string;
  userId: string;
  uploadId: string;
  sourceName: string;
  conversion: ConversionRequest;
  token: string;
};

/** Releasing is a few writes; who takes longer is dead. */
const claimSeconds = 60;

/**
 * Takes the next jobs in line, at most `atMost`, as the limits on what runs at once allow. Claims are made one after
 * another, so that together they keep the limits and the order; a row that its owner is about to pause or cancel is
 * passed over.
 */
export async function claimNext({ limits, atMost }: { limits: Limits; atMost: number }): Promise<Claim[]> {
  const token = randomUUID();
  return await changeRecord(async (tx) => {
    // Ends with the transaction, so that RDS Proxy does not pin the connection.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('job_queue'))`);
    await takeBackLost(tx);
    const rows = await tx.execute<ClaimRow>(claiming(limits, atMost, token));
    return rows
      .map((row) => ({
        jobId: row.job_id,
        userId: row.user_id,
        uploadId: row.upload_id,
        sourceName: row.topic,
        conversion: row.configuration,
        token,
      }))
      .sort((a, b) => (a.jobId < b.jobId ? -1 : 1));
  });
}

type ClaimRow = {
  job_id: string;
  user_id: string;
  upload_id: string;
  topic: string;
  configuration: ConversionRequest;
};

/** Whose holder died: they stand where they stood. Releasing twice makes one job. */
async function takeBackLost(tx: Transaction): Promise<void> {
  await tx.execute(sql`
    update job_queue set status = 'queued', claim_token = null, claimed_until = null
    where id in (select id from job_queue where status = 'claimed' and claimed_until < now() for update skip locked)`);
}

const ofPriority = (priority: string, atMost: number) => sql`(
  select q.id, ${urgency} as urgency from job_queue q
  where q.user_id = people.user_id and q.status = 'queued' and q.priority = ${sql.raw(`'${priority}'`)}
  order by q.id limit ${atMost})`;

/**
 * Nobody's flood is read: of each person who waits only as many rows as they may have running, of each priority the
 * oldest.
 */
function claiming({ perUser, all }: Limits, atMost: number, token: string) {
  return sql`
    with recursive people as (
      (select user_id from job_queue where status = 'queued' order by user_id limit 1)
      union all
      select (
        select q.user_id from job_queue q
        where q.status = 'queued' and q.user_id > people.user_id order by q.user_id limit 1)
      from people where people.user_id is not null
    ), ${busy}, line as (
      select own.id, own.urgency, coalesce(busy.jobs, 0) + own.place as turn
      from people left join busy using (user_id) cross join lateral (
        select id, urgency, row_number() over (order by urgency, id) as place
        from (${ofPriority("high", perUser)} union all ${ofPriority("normal", perUser)}
          union all ${ofPriority("low", perUser)}) as first
        order by urgency, id limit ${perUser}
      ) as own
      where people.user_id is not null and coalesce(busy.jobs, 0) + own.place <= ${perUser}
    ), chosen as (
      select id from line order by turn, urgency, id
      limit least(${atMost}::int, greatest(0, ${all}::int - (select coalesce(sum(jobs), 0) from busy)))
    ), held as (
      select id from job_queue where id in (select id from chosen) and status = 'queued' for update skip locked
    ), claimed as (
      update job_queue set status = 'claimed', claim_token = ${token}, attempts = attempts + 1,
        claimed_until = now() + make_interval(secs => ${sql.raw(String(claimSeconds))})
      where id in (select id from held)
      returning job_id
    )
    select jobs.id as job_id, jobs.user_id, jobs.upload_id, jobs.topic, jobs.configuration
    from claimed join jobs on jobs.id = claimed.job_id`;
}
