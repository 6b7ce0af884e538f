import { startDatabase } from "@t2m/local/testing";
import { fillRecord } from "@t2m/local/testing/fill";
import { openWireTap, type WireTap } from "@t2m/local/testing/wire-tap";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeRecord } from "../../src/database/access.ts";
import { project } from "../../src/record/project.ts";
import { retire } from "../../src/record/retention.ts";
import { historyOf } from "../record/history.ts";
import { planOf } from "./plans.ts";

const person = "md5('person7')::uuid";

let sql: Sql;
let tap: WireTap;
beforeAll(async () => {
  const url = await startDatabase();
  sql = postgres(url, { max: 1, onnotice: () => {} });
  await fillRecord(sql, { jobs: 30_000, users: 30 });
  await sql`
    insert into users (id, email)
    select md5('person' || i)::uuid, 'person' || i || '@example.com' from generate_series(1, 5000) i`;
  await sql`
    insert into activity_log (id, user_id, action)
    select gen_random_uuid(), ${sql.unsafe(person)}, 'session.revoked' from generate_series(1, 100)`;
  await sql`analyze users, activity_log`;
  tap = await openWireTap(url);
  process.env.T2M_DATABASE_URL = tap.url;
});
afterAll(async () => {
  await closeRecord();
  await tap.close();
  await sql.end({ timeout: 1 });
});

/** So few rows, they are read whole. */
const small = new Set(["erasures", "early_events", "refused_records", "share_links"]);
const isQuery = /^\s*(select|with|insert|update|delete)/i;

/** The plans of all that was sent while `work` ran, each kind of statement once. */
async function plansOf(work: () => Promise<unknown>) {
  tap.statements.length = 0;
  await work();
  const kinds = new Map(tap.statements.map((statement) => [statement.text, statement]));
  const plans = [];
  for (const { text, parameters } of kinds.values()) {
    if (isQuery.test(text)) plans.push({ text, ...(await planOf(sql, text, parameters)) });
  }
  return plans;
}

test("[V2.4] recording a change looks at the rows it is about and no others, however many there are", async () => {
  const lives = [
    historyOf(["queue", "claim", "complete"], { end: "deleted" }),
    historyOf(["queue", "claim", "fail"], { end: "expired" }),
  ];
  const plans = await plansOf(async () => {
    for (const record of lives.flatMap(({ chains }) => chains.flat())) await project(record);
  });
  expect(plans.length).toBeGreaterThan(12);
  for (const { text, scanned, rowsTouched } of plans) {
    expect([text, scanned.filter((table) => !small.has(table))]).toEqual([text, []]);
    expect([text, rowsTouched < 20]).toEqual([text, true]);
  }
});

test("[V2.4] clearing up goes by indexes, a portion at a time", async () => {
  const rows = 20;
  await sql`update jobs set finished_at = finished_at - interval '2 days' where finished_at is not null`;
  await sql`
    update jobs set archived_at = now()
    where id in (select id from jobs where finished_at is not null order by id offset 60)`;
  await sql`
    update file_metadata set removed_at = created_at, removal = 'expired'
    where id in (select id from file_metadata where job_id is null order by created_at limit 60)`;
  await sql.unsafe("vacuum analyze");
  const plans = await plansOf(() => retire({ until: Date.now() + 40_000, rows }));
  const big = plans.filter(({ text }) => /"?(jobs|job_events|file_metadata)"?\b/.test(text));
  expect(big.length).toBeGreaterThan(4);
  for (const { text, scanned, rowsTouched } of big) {
    expect([text, scanned.filter((table) => !small.has(table))]).toEqual([text, []]);
    expect([text, rowsTouched < rows * 20]).toEqual([text, true]);
  }
}, 60_000);

const owner = "md5('user5')::uuid";
const busy = "md5('user0')::uuid";
const waiting = "md5('user23')::uuid";
const page = "order by id desc limit 50";

/** What the routes ask, in the form that they ask it in; whose has many jobs, and whose has few. */
const questions: [what: string, index: string, most: number, text: string][] = [
  [
    "history",
    "jobs_owner",
    60,
    `select * from jobs where user_id = ${owner} and id < gen_random_uuid() ${page}`,
  ],
  [
    "history by status",
    "jobs_owner_status",
    60,
    `select * from jobs where user_id = ${owner} and status = 'completed' ${page}`,
  ],
  [
    "a job's events",
    "job_events_job_id_sequence_pk",
    10,
    `select * from job_events where job_id = (select id from jobs ${page.replace("50", "1")}) order by sequence`,
  ],
  [
    "a batch's progress",
    "jobs_batch",
    1_000,
    "select status, count(*) from jobs where batch_id = (select id from batches limit 1) group by status",
  ],
  [
    "files",
    "file_metadata_owner",
    60,
    `select * from file_metadata where user_id = ${busy} order by created_at desc, id desc limit 50`,
  ],
  [
    "files by type",
    "file_metadata_owner_type",
    60,
    `select * from file_metadata where user_id = ${busy} and file_type = 'main' order by created_at desc, id desc limit 50`,
  ],
  [
    "files by name",
    "file_metadata_name",
    80,
    `select * from file_metadata where user_id = ${owner} and original_filename ilike '%song 2941%'`,
  ],
  [
    "a job's files",
    "file_metadata_job",
    5,
    `select * from file_metadata where job_id = (select id from jobs where status = 'completed' and user_id = ${owner} ${page.replace("50", "1")})`,
  ],
  [
    "next in line",
    "job_queue_next",
    5,
    `select * from job_queue where user_id = ${waiting} and status = 'queued' order by priority, id limit 1 for update skip locked`,
  ],
  [
    "the line",
    "job_queue_line",
    12,
    "select * from job_queue where status = 'queued' order by priority, id limit 10",
  ],
  [
    "under way",
    "job_queue_busy",
    20,
    `select count(*) from job_queue where user_id = ${waiting} and status in ('claimed', 'running')`,
  ],
  [
    "sessions",
    "sessions_owner",
    2_000,
    `select * from sessions where user_id = ${owner} order by created_at desc`,
  ],
  ["activity", "activity_log_owner", 200, `select * from activity_log where user_id = ${person} ${page}`],
  [
    "a user by address",
    "users_email",
    2,
    "select * from users where lower(email) = lower('NOBODY@example.com')",
  ],
  [
    "usage",
    "usage_daily_user_id_day_pk",
    100,
    `select * from usage_daily where user_id = ${busy} and day > current_date - 30`,
  ],
];

test.each(questions)("[V2.4] %s: found by its index", async (_what, index, most, text) => {
  const plan = await planOf(sql, text);
  expect(plan.scanned.filter((table) => !["users", "batches"].includes(table))).toEqual([]);
  expect(plan.indexes).toContain(index);
  expect(plan.rowsTouched).toBeLessThan(most);
});
