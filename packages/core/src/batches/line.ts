import type { UserId } from "@t2m/contract/ids";
import { sql } from "drizzle-orm";
import type { Database, Transaction } from "../database/access.ts";

// Who is next, in one order for the claim and for the places that are told. Everybody's first job goes before anybody's
// second: a `turn` counts what somebody has under way and what of theirs stands before. Within a turn, and within
// somebody's own line, the more urgent goes first, then the older. Waiting makes more urgent, so that nothing starves.

export type Limits = { perUser: number; all: number };

/** After so long in line a job counts as one priority higher. */
const ageingSeconds = 30 * 60;

/** 0 is the most urgent. */
export const urgency = sql`greatest(0, case q.priority when 'high' then 0 when 'normal' then 1 else 2 end
  - floor(extract(epoch from now() - q.queued_at) / ${sql.raw(String(ageingSeconds))}))`;

/** What everybody has under way. */
export const busy = sql`busy as (
  select user_id, count(*)::int as jobs from job_queue where status in ('claimed', 'running') group by user_id)`;

export type Place = {
  /** 1 goes next. */
  place: number;
  /** The same, among one's own alone. */
  ownPlace: number;
};

/** The places of somebody's jobs that stand in line, by job. */
export async function placesOf(db: Database | Transaction, userId: UserId): Promise<Map<string, Place>> {
  const rows = await db.execute<{ job_id: string; place: number; own_place: number }>(sql`
    with ${busy}, ranked as (
      select q.id, q.job_id, q.user_id, ${urgency} as urgency,
        row_number() over (partition by q.user_id order by ${urgency}, q.id) as own_place,
        coalesce(busy.jobs, 0) as under_way
      from job_queue q left join busy using (user_id)
      where q.status = 'queued'
    ), placed as (
      select job_id, user_id, own_place,
        row_number() over (order by under_way + own_place, urgency, id) as place
      from ranked
    )
    select job_id, place::int, own_place::int from placed where user_id = ${userId}`);
  return new Map(rows.map((row) => [row.job_id, { place: row.place, ownPlace: row.own_place }]));
}
