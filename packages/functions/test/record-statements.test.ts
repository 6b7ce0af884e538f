import { api, type OperationName } from "@t2m/contract/api";
import type { adminOperations } from "@t2m/contract/api/admin";
import type { batchOperations } from "@t2m/contract/api/batches";
import type { fileOperations } from "@t2m/contract/api/files";
import type { historyOperations } from "@t2m/contract/api/history";
import type { peopleOperations } from "@t2m/contract/api/people";
import type { Route } from "@t2m/contract/route";
import { claimNext } from "@t2m/core/batches/claim";
import { closeRecord } from "@t2m/core/database/access";
import { sessionIdOf, userIdOf } from "@t2m/core/identity/user-id";
import { putItem } from "@t2m/core/live/table";
import { deleteAccount } from "@t2m/core/people/delete";
import { retire } from "@t2m/core/record/retention";
import { putObject } from "@t2m/core/storage/objects";
import { startDatabase, startServices } from "@t2m/local/testing";
import { fillRecord } from "@t2m/local/testing/fill";
import { pinsOf } from "@t2m/local/testing/pins";
import { openWireTap, type Statement, type WireTap } from "@t2m/local/testing/wire-tap";
import type { Context } from "aws-lambda";
import postgres, { type Sql } from "postgres";
import { v7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plansOf } from "./support/plans.ts";
import { askFor, givenUpload } from "./support/record.ts";
import { jobOf, streamOf } from "./support/stream.ts";

// Every statement that any function sends, on the record of a million jobs.

const jobs = 1_000_000;
const users = 1_000;
const issuer = "http://issuer.test";
/** A tenth of all jobs are theirs. */
const busiest = { subject: "busiest", userId: userIdOf(issuer, "busiest") };
const support = { subject: "support", userId: userIdOf(issuer, "support") };

let sql: Sql;
let tap: WireTap;
/** Of the busiest: one of each that there is. */
let theirs: Record<string, string>;
/** All that was sent, of the tests before. */
const sent: Statement[] = [];

beforeAll(async () => {
  await startServices();
  const url = await startDatabase();
  sql = postgres(url, { max: 1, onnotice: () => {} });
  await fillRecord(sql, { jobs, users, firstUserId: busiest.userId, detailedEvery: 10 });
  tap = await openWireTap(url);
  process.env.T2M_DATABASE_URL = tap.url;
  await askFor("getMe", { subject: support.subject, claims: { sid: "first sight" } });
  await sql`update users set role = 'admin' where id = ${support.userId}`;
  theirs = await findTheirs();
  // Twenty seconds where nothing else runs.
}, 300_000);
afterAll(async () => {
  await closeRecord();
  await tap.close();
  await sql.end({ timeout: 1 });
});

/** Somebody whose session was not seen before, so that all is asked for. */
function asks(who: { subject: string }, name: OperationName, request: Request = {}) {
  return askFor(name, { subject: who.subject, claims: { sid: v7() }, ...request });
}

async function findTheirs(): Promise<Record<string, string>> {
  const { userId } = busiest;
  const [waiting] = await sql`
    select j.batch_id from jobs j join job_queue q on q.job_id = j.id
    where j.user_id = ${userId} and q.status = 'queued' limit 1`;
  const [file] = await sql`
    select id, job_id, s3_key from file_metadata
    where user_id = ${userId} and file_type = 'main' and removed_at is null limit 1`;
  const [past] = await sql`select id from jobs where user_id = ${userId} and removal = 'expired' limit 1`;
  const [other] = await sql`select id from users where id <> ${userId} order by id limit 1`;
  const live = jobOf(busiest).made;
  await putItem(live);
  await sql`insert into jobs ${sql({
    id: live.jobId,
    user_id: userId,
    kind: live.kind,
    status: live.status,
    topic: live.sourceName,
    configuration: sql.json({}),
    version: 1,
    created_at: live.createdAt,
  })}`;
  for (const body of ["one", "two"]) {
    await putObject({ bucket: "videos", key: String(file?.s3_key), body, contentType: "audio/mpeg" });
  }
  const params = { fileId: String(file?.id) };
  const versions = await asks(busiest, "listFileVersions", { params });
  const shared = await asks(busiest, "shareFile", { params, body: { expiresInSeconds: 600 } });
  return {
    ...params,
    userId,
    otherId: String(other?.id),
    jobId: String(file?.job_id),
    pastId: String(past?.id),
    liveId: live.jobId,
    batchId: String(waiting?.batch_id),
    versionId: Object(versions.body).items[1].versionId,
    shareId: Object(shared.body).share.id,
    token: Object(shared.body).token,
    uploadId: await givenUpload(userId),
  };
}

type Request = NonNullable<Parameters<typeof askFor>[1]>;
type RecordOperation =
  | keyof typeof adminOperations
  | keyof typeof batchOperations
  | keyof typeof fileOperations
  | keyof typeof historyOperations
  | keyof typeof peopleOperations;

const month = { from: "2020-01-01T00:00:00.000Z", to: "2099-01-01T00:00:00.000Z" };
const plain = () => [{}];
const named = () => [{ params: theirs }];

/** Each operation in the ways that make for statements of their own. Those that end something come last. */
const requests: Record<RecordOperation, () => Request[]> = {
  listHistory: () => [
    { claims: { sid: "ends" } },
    { query: { cursor: theirs.jobId ?? "" } },
    { query: { status: "failed" } },
    { query: { status: "open" } },
    { query: { media: "audio" } },
    { query: { ...month, search: "song 9", preset: "mp3", kind: "conversion" } },
    { query: { batchId: theirs.batchId ?? "" } },
  ],
  getPastJob: named,
  getMe: plain,
  changeMe: () => [{ body: { name: "Ada" } }],
  listSessions: plain,
  listActivity: plain,
  getStatistics: plain,
  exportMyData: plain,
  listFiles: () => [
    {},
    { query: { kind: "main" } },
    { query: { ...month, search: "song 99" } },
    { query: { jobId: theirs.jobId ?? "" } },
  ],
  getFile: named,
  signFile: named,
  listFileVersions: named,
  restoreFileVersion: named,
  shareFile: () => [{ params: theirs, body: { expiresInSeconds: 600 } }],
  listShares: named,
  openShare: named,
  revokeShare: named,
  createBatch: () =>
    [1, 1_000].map((count) => ({ body: newBatch(count), headers: { "idempotency-key": v7() } })),
  listBatches: plain,
  getBatch: named,
  listBatchJobs: named,
  pauseBatch: named,
  resumeBatch: named,
  getQueue: plain,
  listUsers: () => [{}, { query: { search: "ada" } }],
  getUser: named,
  listUserActivity: named,
  changeAccess: () => [{ params: theirs, body: { role: "user", permissions: ["admin.read"] } }],
  setSuspension: () =>
    [true, false].map((isSuspended) => ({ params: { userId: theirs.otherId ?? "" }, body: { isSuspended } })),
  listAllJobs: () => [
    {},
    { query: { userId: busiest.userId, status: "failed" } },
    { query: { failureCode: "media.unrecognized" } },
  ],
  listFailures: plain,
  getThroughput: plain,
  getStorageUse: plain,
  getWholeQueue: plain,
  cancelForUser: () => [{ params: { ...theirs, jobId: theirs.liveId ?? "" } }],
  cancelBatch: named,
  deletePastJob: () => [{ params: { jobId: theirs.pastId ?? "" } }],
  revokeSession: () => [{ params: { sessionId: sessionIdOf(busiest.userId, { sid: "ends" }) } }],
  deleteMe: plain,
};

function newBatch(count: number) {
  return { jobs: Array(count).fill({ uploadId: theirs.uploadId, conversion: { preset: "mp3" } }) };
}
const operations = Object.entries(requests) as [RecordOperation, () => Request[]][];

/** So few rows, or asked for so rarely, that they may be read whole. */
const mayBeScanned = new Set([
  "users",
  "sessions",
  "permissions",
  "erasures",
  "share_links",
  "early_events",
  "refused_records",
]);
const usualRows = 2_000;
const wholeLine = 30_000;
/** Where it is in the nature of the question. */
const moreRows: Partial<Record<string, number>> = {
  // A word that is nowhere is looked for in all of one's own jobs.
  listHistory: 110_000,
  // Counts the jobs of each batch on the page.
  listBatches: 51_000,
  // The hours of a day, and what failed in it.
  getThroughput: 5_000,
  listFailures: 5_000,
  listAllJobs: 5_000,
  // Places are counted over all that stand in line (docs/decisions/008-queue.md).
  createBatch: wholeLine,
  getBatch: wholeLine,
  listBatchJobs: wholeLine,
  pauseBatch: wholeLine,
  resumeBatch: wholeLine,
  getQueue: wholeLine,
  getWholeQueue: wholeLine,
};

/** All that was sent while `work` ran goes by an index to the rows that it is about. */
async function expectIndexed(name: string, work: () => Promise<unknown>): Promise<void> {
  tap.statements.length = 0;
  await work();
  const statements = [...tap.statements];
  sent.push(...statements);
  const mostRows = moreRows[name] ?? usualRows;
  const plans = await plansOf(sql, statements);
  expect(plans.length).toBeGreaterThan(0);
  for (const { text, scanned, rowsTouched } of plans) {
    expect([text, scanned.filter((table) => !mayBeScanned.has(table))]).toEqual([text, []]);
    expect([text, rowsTouched > mostRows ? rowsTouched : "few"]).toEqual([text, "few"]);
  }
}

test.each(operations)(
  "[V2.4] [A4.6] %s finds its rows by an index, among a million jobs",
  async (name, make) => {
    const { permission }: Route = api[name].route;
    const who = permission || name === "exportMyData" ? support : busiest;
    await expectIndexed(name, async () => {
      for (const request of make()) expect((await asks(who, name, request)).status).toBeLessThan(300);
    });
  },
);

test("[V2.4] the projector looks at the rows that a change is about, the releaser and retention at those that are due", async () => {
  const { handler: record } = await import("@t2m/functions/stream/record");
  const [waits] = await sql`select job_id, user_id from job_queue where status = 'queued' limit 1`;
  const released = jobOf({ userId: String(waits?.user_id) }, { jobId: String(waits?.job_id) });
  const lives = [jobOf(busiest), released];
  await expectIndexed("record", async () => {
    for (const { made, event, ended } of lives) {
      const changes = [{ new: event }, { new: made }, { old: made, new: ended }, { old: ended }];
      expect(await record(streamOf(changes))).toEqual({ batchItemFailures: [] });
    }
  });
  expect(await sql`select from refused_records`).toHaveLength(0);

  await expectIndexed("release", () => claimNext({ limits: { perUser: 10, all: 1_000 }, atMost: 20 }));
  const { handler: release } = await import("@t2m/functions/schedule/release-queued");
  await expectIndexed("release", () =>
    release(undefined, { getRemainingTimeInMillis: () => 30_000 } as Context),
  );

  await sql`
    update jobs set finished_at = finished_at - interval '3 days'
    where id in (select id from jobs where finished_at is not null order by finished_at limit 60)`;
  await expectIndexed("retention", () => retire({ until: Date.now() + 40_000, rows: 20 }));
});

test("an account of a hundred thousand jobs is deleted, no statement of it being a long one", async () => {
  await expectIndexed("deletion", () => deleteAccount(busiest.userId));
  expect(await sql`select from jobs where user_id = ${busiest.userId} limit 1`).toHaveLength(0);
});

test("[V2.1] none of all these statements binds a proxy's connection to us", () => {
  expect(sent.length).toBeGreaterThan(200);
  expect([...new Set(pinsOf(sent))]).toEqual([]);
});
