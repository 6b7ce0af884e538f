import { randomUUID } from "node:crypto";
import { retentionDays, retire } from "@t2m/core/record/retention";
import { v7 } from "uuid";
import { expect, test } from "vitest";
import { useDatabase } from "./support.ts";

const database = useDatabase();

async function givenJob(userId: string, days: number, removal: "deleted" | "expired"): Promise<string> {
  const id = v7();
  const { sql } = database;
  const at = new Date(Date.now() - days * 86_400_000);
  await sql`insert into users (id) values (${userId}) on conflict do nothing`;
  await sql`
    insert into jobs (id, user_id, kind, status, topic, configuration, version, created_at, finished_at, removed_at,
      removal)
    values (${id}, ${userId}, 'conversion', 'completed', 'x', '{}', 3, ${at}, ${at}, ${at}, ${removal})`;
  await sql`insert into job_events (job_id, sequence, type, at, status) values (${id}, 1, 'job.created', ${at}, 'waiting')`;
  return id;
}

test("[VD.3] each kind of thing is kept for its time: deleted jobs for days, events for months, history for years; a run that is broken off goes on", async () => {
  const userId = randomUUID();
  const { deletedJobs, jobEvents } = retentionDays;
  const years = retentionDays.jobs.conversion ?? 0;
  const justDeleted = await givenJob(userId, deletedJobs - 1, "deleted");
  await givenJob(userId, deletedJobs + 1, "deleted");
  const young = await givenJob(userId, jobEvents - 1, "expired");
  const archived = [];
  for (let count = 0; count < 5; count++) archived.push(await givenJob(userId, jobEvents + 1, "expired"));
  const old = [];
  for (let count = 0; count < 5; count++) old.push(await givenJob(userId, years + 1, "expired"));

  // No time at all: nothing is done, and it says so.
  expect(await retire({ until: Date.now() })).toMatchObject({ jobsRetired: 0, isComplete: false });
  const counts = await retire({ until: Date.now() + 20_000, rows: 2 });

  expect(counts).toMatchObject({ jobsDeleted: 1, jobsArchived: 10, jobsRetired: 5, isComplete: true });
  const kept = await database.sql`
    select j.id, j.archived_at is not null as archived, count(e.*)::int as events
    from jobs j left join job_events e on e.job_id = j.id where user_id = ${userId} group by j.id`;
  const wanted = [
    { id: justDeleted, archived: false, events: 1 },
    { id: young, archived: false, events: 1 },
    ...archived.map((id) => ({ id, archived: true, events: 0 })),
  ];
  expect([...kept].sort(byId)).toEqual(wanted.sort(byId));
  expect(await retire({ until: Date.now() + 20_000 })).toMatchObject({
    jobsDeleted: 0,
    jobsArchived: 0,
    jobsRetired: 0,
  });
});

test("an event whose job came without it joins it later; one whose job never comes goes", async () => {
  const job = await givenJob(randomUUID(), 1, "expired");
  const line = (jobId: string) =>
    JSON.stringify({
      jobId,
      sequence: 2,
      type: "job.queued",
      at: new Date().toISOString(),
      status: "queued",
    });
  const { sql } = database;
  await sql`insert into early_events (job_id, sequence, event) values (${job}, 2, ${line(job)}::text::jsonb)`;
  const lost = v7();
  await sql`
    insert into early_events (job_id, sequence, event, seen_at)
    values (${lost}, 2, ${line(lost)}::text::jsonb, now() - interval '5 days')`;

  expect(await retire({ until: Date.now() + 20_000 })).toMatchObject({
    earlyEventsJoined: 1,
    earlyEventsDropped: 1,
  });
  expect(await sql`select sequence from job_events where job_id = ${job} order by 1`).toEqual([
    { sequence: 1 },
    { sequence: 2 },
  ]);
});

function byId(a: { id?: string }, b: { id?: string }): number {
  return String(a.id).localeCompare(String(b.id));
}
