import { config } from "@t2m/core/config";
import { isUnavailable } from "@t2m/core/errors";
import { startDatabase } from "@t2m/local/testing";
import { pinsOf } from "@t2m/local/testing/pins";
import { openWireTap, type WireTap } from "@t2m/local/testing/wire-tap";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { changeRecord, closeRecord, readRecord } from "../../src/database/access.ts";
import { project } from "../../src/record/project.ts";
import { historyOf } from "../record/history.ts";

let tap: WireTap;
let url: string;
beforeAll(async () => {
  url = await startDatabase();
  tap = await openWireTap(url);
  process.env.T2M_DATABASE_URL = tap.url;
});
afterEach(async () => {
  tap.open();
  tap.hold(false);
  // Half-open after two seconds; a good answer closes it again.
  await expect.poll(() => one().catch(() => 0), { timeout: 10_000 }).toBe(1);
});
afterAll(async () => {
  await closeRecord();
  await tap.close();
});

async function one(): Promise<number> {
  const [row] = await readRecord((db) => db.execute<{ one: number }>(sql`select 1 as one`));
  return row?.one ?? 0;
}

/** How a call ends, and after how many milliseconds. */
async function outcome(call: () => Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const started = performance.now();
  const error = await call().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, ms: performance.now() - started };
}

test("[V2.1] a proxy's connection is bound to nobody by what the projector sends; the tap sees what would bind one", async () => {
  for (const record of historyOf(["queue", "claim", "complete"], { end: "deleted" }).chains.flat()) {
    await project(record);
  }
  // Much at once, with parameters and without.
  const much = Array.from({ length: 10 }, () => [
    one(),
    changeRecord((tx) => tx.execute(sql`select ${1}::int`)),
  ]);
  await Promise.all(much.flat());
  expect(tap.statements.length).toBeGreaterThan(60);
  expect(pinsOf(tap.statements)).toEqual([]);

  tap.statements.length = 0;
  const named = postgres(tap.url, { max: 1, fetch_types: false, onnotice: () => {} });
  await named`select ${1}::int`;
  const early = named`select 2`;
  await Promise.all([early, named`select 3`]);
  for (const text of [
    "SET search_path = public",
    "begin; set local statement_timeout = 1; commit",
    "select set_config('lock_timeout', '1s', true)",
    "listen told",
    "select pg_advisory_lock(1)",
    "select pg_try_advisory_lock(1)",
    "create temp table kept (id int)",
    "prepare one as select 1",
    "discard all",
    `select 1 -- ${"x".repeat(17_000)}`,
  ]) {
    await named.unsafe(text);
  }
  await named.end({ timeout: 1 });
  expect(pinsOf(tap.statements)).toHaveLength(14);
  tap.statements.length = 0;
  const lock = sql`select pg_advisory_xact_lock(hashtext('a''; set x'))`;
  await changeRecord((tx) => tx.execute(lock));
  expect(pinsOf(tap.statements)).toEqual([]);
});

test("[V2.1] a sandbox holds one connection, however much it asks at once", async () => {
  await Promise.all(Array.from({ length: 20 }, one));
  const admin = postgres(url, { max: 1 });
  const [found] = await admin`
    select count(*)::int as connections from pg_stat_activity
    where datname = current_database() and application_name = 't2m'`;
  await admin.end();
  expect(found?.connections).toBe(1);
});

test("[V2.5] a read whose connection breaks is asked again and answered", async () => {
  await one();
  tap.cut();
  tap.open();
  expect(await one()).toBe(1);
});

test("[V2.5] [V2.2] a change whose commit got no answer is not made twice; one that broke off before is made again, once", async () => {
  const admin = postgres(url, { max: 1 });
  const count = async (event: string) =>
    (await admin`select count(*)::int as rows from refused_records where event_id like ${`${event}%`}`)[0]
      ?.rows;
  let tries = 0;
  const insert = (event: string, beforeTheEnd: () => void) =>
    changeRecord(async (tx) => {
      tries++;
      await tx.execute(
        sql`insert into refused_records (event_id, reason, detail, record)
          values (${`${event}-${tries}`}, 'unreadable', '', '{}')`,
      );
      beforeTheEnd();
      if (event === "again") await tx.execute(sql`select 1`);
    });

  await insert("again", () => {
    if (tries === 1) tap.cut();
    tap.open();
  });
  expect([tries, await count("again")]).toEqual([2, 1]);

  tries = 0;
  tap.statements.length = 0;
  // The commit is swallowed; the connection hangs until it breaks.
  const change = outcome(() => insert("once", () => queueMicrotask(() => tap.hold(true))));
  await expect.poll(() => tap.statements.at(-1)?.text).toBe("commit");
  tap.cut();
  const { error } = await change;
  expect(isUnavailable(error)).toBe(true);
  expect([tries, await count("once")]).toEqual([1, 0]);
  await admin.end();
});

test("[V2.5] [V4.5] while Postgres is away its askers are told so within 100 ms and when to come again; a probe finds it back", async () => {
  const lines: string[] = [];
  const written = vi.spyOn(process.stdout, "write").mockImplementation((line) => {
    lines.push(...String(line).split("\n"));
    return true;
  });
  tap.cut();
  const first = await outcome(one);
  expect(isUnavailable(first.error)).toBe(true);

  for (let count = 0; count < 5; count++) {
    const { error, ms } = await outcome(one);
    expect(error).toMatchObject({ code: "service.unavailable", retryAfterSeconds: 2 });
    expect(ms).toBeLessThan(100);
  }
  tap.open();
  await expect.poll(() => one().catch(() => 0), { timeout: 5_000 }).toBe(1);
  written.mockRestore();

  const states = lines.filter((line) => line.includes("recordBreakerOpen")).map((line) => JSON.parse(line));
  expect(states.map(({ recordBreakerOpen }) => recordBreakerOpen)).toEqual([1, 1, 0]);
  expect(states[0]).toMatchObject({ service: "record", stage: config().stage });
  expect(states[0]._aws.CloudWatchMetrics[0]).toEqual({
    Namespace: "t2m",
    Dimensions: [["service", "stage"]],
    Metrics: [{ Name: "recordBreakerOpen", Unit: "Count" }],
  });
});

test("[V2.5] a statement that takes too long is ended by the database and not asked again", async () => {
  expect(await setting()).toBe("5s");
  const admin = postgres(url, { max: 1 });
  const database = admin(new URL(url).pathname.slice(1));
  await admin`alter database ${database} set statement_timeout = '200ms'`;
  await closeRecord();

  const { error, ms } = await outcome(() => readRecord((db) => db.execute(sql`select pg_sleep(5)`)));

  expect(isUnavailable(error)).toBe(true);
  expect(ms).toBeLessThan(2_000);
  await admin`alter database ${database} set statement_timeout = '5s'`;
  await admin.end();
  await closeRecord();
});

async function setting(): Promise<string | undefined> {
  const [row] = await readRecord((db) =>
    db.execute<{ statement_timeout: string }>(sql`show statement_timeout`),
  );
  return row?.statement_timeout;
}

test("[V2.5] what is wrong with the question is told as it is and opens no breaker", async () => {
  for (let count = 0; count < 5; count++) {
    const { error } = await outcome(() => readRecord((db) => db.execute(sql`select nonsense`)));
    expect(isUnavailable(error)).toBe(false);
  }
  expect(await one()).toBe(1);
});

test("[V4.5] a function that is given no database says that the record is away", async () => {
  const { configFrom } = await import("../../src/config.ts");
  const { T2M_DATABASE_URL: _, ...without } = process.env;
  expect(configFrom(without).database).toBeUndefined();
  expect(() => configFrom({ ...without, T2M_DATABASE_HOST: "db.example" })).toThrow(
    "T2M_DATABASE_NAME is missing; T2M_DATABASE_USER is missing",
  );
});
