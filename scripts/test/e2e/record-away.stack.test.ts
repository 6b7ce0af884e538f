import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setInterval } from "node:timers/promises";
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

const outageMs = 30_000;

type Asking = { everyMs: number; method?: string; path: string; body?: object };
type Answer = { status: number; atMs: number; tookMs: number; retryAfter: string | null; body: unknown };

/** Asks again and again until `isOver`, at a steady pace; gives all answers. */
async function keepAsking(
  { token }: Person,
  isOver: () => boolean,
  { everyMs, method = "GET", path, body }: Asking,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for await (const _ of setInterval(everyMs)) {
    if (isOver()) break;
    const headers = { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) };
    const atMs = Date.now();
    const response = await fetch(stack.apiUrl + path, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    answers.push({
      status: response.status,
      atMs,
      tookMs: Date.now() - atMs,
      retryAfter: response.headers.get("retry-after"),
      body: await response.json(),
    });
  }
  return answers;
}

const isGood = ({ status }: Answer) => status < 300;

test("[V2.5] [V4.5] [V2.2] Postgres killed -9 and away for half a minute under load: work goes on, the record says so at once, is back within ten seconds, and has lost and doubled nothing", async () => {
  const media = await makeMedia(join(folder, "short.wav"), ...noise(2));
  const person = await arrive(stack);
  const before = await uploaded(person, media);
  await person.ended(before.jobId);
  const recorded = async (jobId: string) =>
    (await sql`select status, version from jobs where id = ${jobId}`.catch(() => []))[0];
  await expect.poll(() => recorded(before.jobId), { timeout: 20_000 }).toMatchObject({ status: "completed" });

  let isOver = false;
  const keep = (asking: Asking) => keepAsking(person, () => isOver, asking);
  const upload = { name: "a.wav", type: "audio/wav", sizeBytes: 10, conversions: [{ preset: "mp3" }] };
  const share = { expiresInSeconds: 600 };
  const load = Promise.all([
    keep({ everyMs: 50, path: `/jobs/${before.jobId}` }),
    keep({ everyMs: 200, method: "POST", path: "/uploads", body: upload }),
    keep({ everyMs: 50, path: "/history" }),
    keep({ everyMs: 50, method: "POST", path: `/files/${before.uploadId}/shares`, body: share }),
  ]);
  // All four are at it when it happens.
  await expect.poll(() => sql`select id from share_links limit 5`, { timeout: 20_000 }).toHaveLength(5);

  process.kill(server.pid, "SIGKILL");
  const awayAt = Date.now();
  await server.stop();
  const during = await uploaded(person, media);
  expect((await person.ended(during.jobId)).status).toBe("completed");
  await expect.poll(() => Date.now() - awayAt, { timeout: 2 * outageMs }).toBeGreaterThan(outageMs);
  server = await startPostgres(options);
  const backAt = Date.now();

  const { version } = await person.client.getJob({ params: { jobId: during.jobId } });
  await expect
    .poll(() => recorded(during.jobId), { timeout: 30_000 })
    .toEqual({ status: "completed", version });
  const wholeMs = Date.now() - backAt;
  await expect
    .poll(
      () => sql`select from share_links where created_at > ${new Date(backAt)}`.then(({ length }) => length),
      { timeout: 30_000 },
    )
    .toBeGreaterThan(5);
  isOver = true;
  const [polls, uploads, history, shares] = await load;

  const live = [...polls, ...uploads];
  expect(live.filter(isGood).length / live.length).toBeGreaterThanOrEqual(0.99);

  const record = [...history, ...shares];
  const refusals = record.filter(({ atMs, tookMs }) => atMs > awayAt && atMs + tookMs < backAt);
  expect(refusals.length).toBeGreaterThan(100);
  expect(refusals.map(({ status, retryAfter }) => [status, Number(retryAfter) > 0])).toEqual(
    refusals.map(() => [503, true]),
  );
  // Each sandbox finds out for itself, and every two seconds one looks again; the others say so at once.
  const times = refusals.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  expect(times[Math.floor(times.length / 2)]).toBeLessThan(100);

  const recoveryMs = [history, shares].map(
    (answers) => Math.max(...answers.filter((answer) => !isGood(answer)).map(({ atMs }) => atMs)) - backAt,
  );
  console.log(`answered again after ${recoveryMs.join(" and ")} ms, whole after ${wholeMs} ms`);
  expect(Math.max(...recoveryMs, wholeMs)).toBeLessThan(10_000);

  // Of the live plane: every job that was promised, once.
  const promised = uploads.filter(isGood).map(({ body }) => String(Object(body).jobs[0].id));
  await expect
    .poll(() => sql`select id from jobs where id in ${sql(promised)}`, { timeout: 20_000 })
    .toHaveLength(promised.length);
  await expect
    .poll(() => sql`select jobs_created, jobs_completed, uploads from usage_daily`, { timeout: 20_000 })
    .toEqual([{ jobs_created: promised.length + 2, jobs_completed: 2, uploads: 2 }]);
  expect(await sql`select from job_events where job_id = ${during.jobId}`).toHaveLength(version);
  expect(await sql`select from refused_records`).toHaveLength(0);

  // Of the record: what was confirmed is there; beyond it at most what was under way when nobody could confirm it.
  const confirmed = shares.filter(isGood).map(({ body }) => String(Object(body).share.id));
  const kept = (await sql`select id from share_links`).map(({ id }) => String(id));
  expect(confirmed.filter((id) => !kept.includes(id))).toEqual([]);
  expect(kept.length - confirmed.length).toBeLessThanOrEqual(1);
  expect(await sql`select from activity_log where action = 'file.shared'`).toHaveLength(kept.length);
}, 180_000);
