import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { postgresUrl, type RunningPostgres, startPostgres } from "@t2m/local/postgres/server";
import { freePort } from "@t2m/local/processes/port";
import { readSettings } from "@t2m/local/settings";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeMedia, newFolder, noise } from "../support/media.ts";
import { type OwnStack, startOwnStack } from "../support/own-stack.ts";
import { arrive, type Person } from "../support/person.ts";
import { uploaded } from "../support/uploading.ts";

let folder: string;
let options: Parameters<typeof startPostgres>[0];
let server: RunningPostgres;
let stack: OwnStack;
let sql: Sql;
beforeAll(async () => {
  folder = await newFolder();
  options = { directory: join(folder, "postgres"), port: await freePort(), isDurable: true };
  server = await startPostgres(options);
  const databaseUrl = postgresUrl(options.port ?? 0);
  sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  stack = await startOwnStack({ hasPostgres: true, settings: { ...readSettings(), databaseUrl } });
  await stack.database;
}, 90_000);
afterAll(async () => {
  await stack.stop();
  await sql.end({ timeout: 1 });
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const outageMs = 6_000;

/** Asks again and again until `isOver`; gives each answer's status and time. */
async function keepAsking({ token }: Person, path: string, isOver: () => boolean) {
  const answers: { status: number; ms: number; retryAfter: string | null }[] = [];
  while (!isOver()) {
    const started = performance.now();
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(stack.apiUrl + path, { headers });
    await response.arrayBuffer();
    const ms = performance.now() - started;
    answers.push({ status: response.status, ms, retryAfter: response.headers.get("retry-after") });
    await delay(50);
  }
  return answers;
}

test("[V2.5] [V4.5] [V2.2] Postgres killed -9 under load: work goes on, the record says so at once, and everything is in it soon after", async () => {
  const media = await makeMedia(join(folder, "short.wav"), ...noise(2));
  const person = await arrive(stack);
  const before = await uploaded(person, media);
  await person.ended(before.jobId);
  const recorded = async () =>
    (await sql`select id, status, version from jobs order by id`).map((row) => ({ ...row }));
  await expect.poll(recorded, { timeout: 20_000 }).toMatchObject([{ id: before.jobId, status: "completed" }]);

  process.kill(server.pid, "SIGKILL");
  await server.stop();
  let isOver = false;
  const live = keepAsking(person, `/jobs/${before.jobId}`, () => isOver);
  const record = keepAsking(person, "/history", () => isOver);
  const started = Date.now();
  const during = await uploaded(person, media);
  const ended = await person.ended(during.jobId);
  await delay(Math.max(0, outageMs - (Date.now() - started)));
  isOver = true;

  expect(ended.status).toBe("completed");
  const lives = await live;
  expect(lives.filter(({ status }) => status !== 200)).toEqual([]);
  const refusals = await record;
  expect(refusals.map(({ status, retryAfter }) => [status, Number(retryAfter) > 0])).toEqual(
    refusals.map(() => [503, true]),
  );
  // Each sandbox finds out for itself; from then on it says so at once.
  const times = refusals.map(({ ms }) => ms).sort((a, b) => a - b);
  expect(times[Math.floor(times.length / 2)]).toBeLessThan(100);

  server = await startPostgres(options);
  const backAt = Date.now();
  const { version } = await person.client.getJob({ params: { jobId: during.jobId } });
  await expect
    .poll(() => recorded().catch(() => []), { timeout: 30_000 })
    .toMatchObject([{ id: before.jobId }, { id: during.jobId, status: "completed", version }]);
  console.log(`the record was whole ${Date.now() - backAt} ms after Postgres was back`);
  await expect
    .poll(() => sql`select from job_events where job_id = ${during.jobId}`, { timeout: 10_000 })
    .toHaveLength(version);
  expect(await sql`select jobs_created, jobs_completed, uploads from usage_daily`).toEqual([
    { jobs_created: 2, jobs_completed: 2, uploads: 2 },
  ]);
}, 120_000);
