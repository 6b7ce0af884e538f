import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { migrate } from "@t2m/core/database/migrate";
import { migrations } from "@t2m/core/database/migrations.gen";
import { isUnavailable } from "@t2m/core/errors";
import { checksums } from "@t2m/core/record/checksum";
import { project } from "@t2m/core/record/project";
import { postgresUrl, type RunningPostgres, startPostgres } from "@t2m/local/postgres/server";
import { freePort } from "@t2m/local/processes/port";
import { startDatabase } from "@t2m/local/testing";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeRecord } from "../../src/database/access.ts";
import { historyOf } from "./history.ts";
import { empty } from "./support.ts";

const directory = mkdtempSync(join(tmpdir(), "t2m-killed-"));
let options: Parameters<typeof startPostgres>[0];
let server: RunningPostgres;
let sql: Sql;
beforeAll(async () => {
  await startDatabase({ isEmpty: true });
  options = { directory, port: await freePort(), isDurable: true };
  server = await startPostgres(options);
  process.env.T2M_DATABASE_URL = server.url;
  sql = postgres(postgresUrl(options.port ?? 0), { max: 1, onnotice: () => {} });
  await migrate(sql, migrations);
});
afterAll(async () => {
  await closeRecord();
  await sql.end({ timeout: 1 });
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

test("[V2.5] [V4.5] [V2.2] Postgres killed -9 in the middle: nothing that it confirmed is lost or doubled, and the rest follows when it is back", async () => {
  const records = Array.from({ length: 12 }, (_, index) =>
    historyOf(["queue", "claim", "complete"], { startMs: Date.now() + index }),
  ).flatMap(({ chains }) => chains.flat());
  for (const record of records) await project(record);
  const wanted = await checksums();
  await empty(sql);

  let refusals = 0;
  const take = async (record: (typeof records)[number]) => {
    try {
      await project(record);
      return true;
    } catch (error) {
      expect(isUnavailable(error)).toBe(true);
      refusals++;
      return false;
    }
  };
  for (const [place, record] of records.entries()) {
    if (place === 40) process.kill(server.pid, "SIGKILL");
    // The stream gives a record again until it is taken.
    while (!(await take(record))) {
      if (refusals === 5) {
        await server.stop();
        server = await startPostgres(options);
      }
      await delay(100);
    }
  }

  expect(refusals).toBeGreaterThanOrEqual(5);
  expect(await checksums()).toEqual(wanted);
}, 60_000);
