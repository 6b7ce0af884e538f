import { sql } from "drizzle-orm";
import type { Transaction } from "../database/access.ts";
import { earlyEvents, jobEvents, jobs } from "../database/schema/jobs.ts";
import { erasures } from "../database/schema/users.ts";
import type { EventRow } from "./rows.ts";

/** An event into its job's history, or to wait for its job. Gives false where it was there already. */
export async function addEvent(tx: Transaction, userId: string, event: EventRow): Promise<boolean> {
  const line = JSON.stringify({ ...event, at: event.at.toISOString() });
  const added = await tx.execute(sql`
    insert into ${jobEvents} (job_id, sequence, type, at, status, step, attempt, failure)
    select j.id, e.sequence, e.type, e.at, e.status, e.step, e.attempt, e.failure
    from ${jobs} j, ${fromLine(sql`${line}::jsonb`)}
    where j.id = ${event.jobId}
    on conflict do nothing
    returning sequence`);
  if (added.length > 0) return true;
  const waiting = await tx.execute(sql`
    insert into ${earlyEvents} (job_id, sequence, event)
    select ${event.jobId}::uuid, ${event.sequence}::int, ${line}::jsonb
    where not exists (select from ${jobs} where ${jobs.id} = ${event.jobId})
      and not exists (
        select from ${erasures}
        where ${erasures.userId} = ${userId} and ${erasures.erasedAt} >= ${event.at.toISOString()}::timestamptz
      )
    on conflict do nothing
    returning sequence`);
  return waiting.length > 0;
}

/** Events that waited for their job join it. `jobId`: only that job's. Gives how many. */
export async function joinEarlyEvents(tx: Transaction, jobId?: string): Promise<number> {
  const mine = jobId === undefined ? sql`true` : sql`w.job_id = ${jobId}`;
  const joined = await tx.execute(sql`
    with come as (
      delete from ${earlyEvents} w using ${jobs} j where j.id = w.job_id and ${mine}
      returning w.job_id, w.event
    )
    insert into ${jobEvents} (job_id, sequence, type, at, status, step, attempt, failure)
    select come.job_id, e.sequence, e.type, e.at, e.status, e.step, e.attempt, e.failure
    from come, ${fromLine(sql`come.event`)}
    on conflict do nothing
    returning sequence`);
  return joined.length;
}

function fromLine(line: ReturnType<typeof sql>) {
  return sql`lateral jsonb_to_record(${line}) as e (sequence int, type text, at timestamptz, status job_status,
    step text, attempt int, failure jsonb)`;
}
