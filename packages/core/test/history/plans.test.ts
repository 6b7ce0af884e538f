import { listAllJobs } from "@t2m/core/admin/jobs";
import { claimNext } from "@t2m/core/batches/claim";
import { getBatch, getQueue, listBatches, listBatchJobs } from "@t2m/core/batches/get";
import { closeRecord } from "@t2m/core/database/access";
import { getFile, listFiles } from "@t2m/core/files/list";
import { openShare } from "@t2m/core/files/shares";
import { getPastJob, listHistory } from "@t2m/core/history/jobs";
import { listActivity } from "@t2m/core/people/activity";
import { listSessions } from "@t2m/core/people/sessions";
import { getStatistics } from "@t2m/core/people/statistics";
import { startDatabase } from "@t2m/local/testing";
import { fillRecord } from "@t2m/local/testing/fill";
import { openWireTap, type WireTap } from "@t2m/local/testing/wire-tap";
import postgres, { type Sql } from "postgres";
import { v7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { planOf } from "../database/plans.ts";

const jobs = 20_000;
const users = 40;
let sql: Sql;
let tap: WireTap;
let owner: { userId: string; jobId: string; fileId: string; batchId: string };

beforeAll(async () => {
  const url = await startDatabase();
  sql = postgres(url, { max: 1, onnotice: () => {} });
  await fillRecord(sql, { jobs, users });
  const [batch] = await sql`select user_id, id from batches where id in (select batch_id from jobs) limit 1`;
  const userId = String(batch?.user_id);
  const [job] = await sql`select id from jobs where user_id = ${userId} and status = 'completed' limit 1`;
  const [file] =
    await sql`select id from file_metadata where user_id = ${userId} and removed_at is null limit 1`;
  owner = { userId, jobId: String(job?.id), fileId: String(file?.id), batchId: String(batch?.id) };
  // Of so few rows as here it may well read all, where there are a million it must not have to.
  await sql`set enable_seqscan = off`;
  tap = await openWireTap(url);
  process.env.T2M_DATABASE_URL = tap.url;
});
afterAll(async () => {
  await closeRecord();
  await tap.close();
  await sql.end({ timeout: 1 });
});

const page = { limit: 50 };
const month = { from: "2020-01-01T00:00:00.000Z", to: "2099-01-01T00:00:00.000Z" };
const viewer = () => ({ ...owner, sessionId: v7(), role: "user" as const, permissions: [] });

/** What is asked, and of how many rows of those that there are it may be made. */
const asked: [string, number, () => Promise<unknown>][] = [
  ["history", 3_000, () => listHistory(owner.userId, page)],
  ["history of one status", 2_000, () => listHistory(owner.userId, { ...page, status: "failed" })],
  ["history of what is under way", 2_000, () => listHistory(owner.userId, { ...page, status: "open" })],
  ["history of sound", 2_000, () => listHistory(owner.userId, { ...page, media: "audio" })],
  [
    "history by name and time",
    2_000,
    () => listHistory(owner.userId, { ...page, ...month, search: "song 1" }),
  ],
  ["history's second page", 2_000, () => listHistory(owner.userId, { ...page, cursor: owner.jobId })],
  ["a past job", 20, () => getPastJob(owner.userId, owner.jobId)],
  ["files", 2_000, () => listFiles(owner.userId, page)],
  ["files by name", 2_000, () => listFiles(owner.userId, { ...page, search: "song 1" })],
  ["a file", 5, () => getFile(owner.userId, owner.fileId)],
  ["a link", 5, () => openShare("x".repeat(43)).catch(() => undefined)],
  ["batches", 5_000, () => listBatches(owner.userId, page)],
  ["a batch", 2_000, () => getBatch(owner.userId, owner.batchId)],
  ["a batch's jobs", 5_000, () => listBatchJobs(owner.userId, owner.batchId, page)],
  ["the queue", 5_000, () => getQueue(owner.userId)],
  ["a claim", 2_000, () => claimNext({ limits: { perUser: 4, all: 50 }, atMost: 20 })],
  ["sessions", 500, () => listSessions(viewer(), page)],
  ["activity", 3_000, () => listActivity(owner.userId, page)],
  ["statistics", 5_000, () => getStatistics(owner.userId)],
  ["support's list", 500, () => listAllJobs(page)],
];
const large = new Set(["jobs", "file_metadata", "job_queue", "job_events", "usage_daily"]);

test.each(asked)("[V2.4] %s: found by an index, of no more than %i rows", async (_, mostRows, ask) => {
  tap.statements.length = 0;
  await ask();
  const queries = tap.statements.filter(({ text }) => /^\s*(select|with|update|insert)/i.test(text));
  expect(queries.length).toBeGreaterThan(0);
  for (const { text, parameters } of queries) {
    const plan = await planOf(sql, text, parameters);
    expect([text, plan.scanned.filter((table) => large.has(table))]).toEqual([text, []]);
    expect([text, plan.rowsTouched <= mostRows, plan.rowsTouched]).toEqual([text, true, plan.rowsTouched]);
  }
});
