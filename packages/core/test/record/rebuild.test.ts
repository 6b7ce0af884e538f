import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ConversionRequest } from "@t2m/contract/presets";
import { newJob } from "@t2m/core/jobs/create";
import { queueJob } from "@t2m/core/jobs/queue";
import { removeJob } from "@t2m/core/jobs/remove";
import { scanItems } from "@t2m/core/live/scan";
import { transact } from "@t2m/core/live/table";
import { checksums } from "@t2m/core/record/checksum";
import { rebuild } from "@t2m/core/record/rebuild";
import { startServices } from "@t2m/local/testing";
import { v4, v7 } from "uuid";
import { beforeAll, expect, test } from "vitest";
import { empty, useDatabase } from "./support.ts";

const mp3 = ConversionRequest.parse({ preset: "mp3" });
beforeAll(async () => {
  await startServices();
});
const database = useDatabase();

async function givenJob(): Promise<{ userId: string; jobId: string }> {
  const userId = v4();
  const expiresAt = Math.floor(Date.now() / 1000) + 3_600;
  const rest = { uploadId: v7(), sourceName: "song.wav", conversion: mp3, status: "waiting" as const };
  const { writes, job } = newJob({ userId, expiresAt, now: new Date(), ...rest });
  await transact(writes);
  await queueJob({ userId, jobId: job.id });
  return { userId, jobId: job.id };
}

test("[V2.3] [A4.1] the record is rebuilt from the live table itself, or from an export of it, to the same rows; what is gone meanwhile is found out", async () => {
  const gone = await givenJob();
  await givenJob();
  const { sql, url } = database;

  expect(await rebuild(scanItems(), { isWhole: true })).toMatchObject({
    recorded: 6,
    refused: 0,
    missing: 0,
  });
  const wanted = await checksums();
  expect(wanted.map(({ table, rows }) => [table, rows])).toEqual([
    ["jobs", 2],
    ["job_events", 4],
    ["file_metadata", 0],
    ["usage_daily", 2],
  ]);

  const folder = mkdtempSync(join(tmpdir(), "t2m-export-"));
  mkdirSync(join(folder, "data"));
  const lines = (await Array.fromAsync(scanItems())).map((Item) => JSON.stringify({ Item }));
  writeFileSync(join(folder, "data/one.json.gz"), gzipSync(lines.slice(0, 3).join("\n")));
  writeFileSync(join(folder, "data/two.json.gz"), gzipSync(lines.slice(3).join("\n")));
  await empty(sql);
  const script = join(import.meta.dirname, "../../../../scripts/rebuild.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, folder], {
    encoding: "utf8",
    env: { ...process.env, T2M_DATABASE_URL: url },
  });
  rmSync(folder, { recursive: true });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`jobs: 2 rows, ${wanted[0]?.sum}`);
  expect(await checksums()).toEqual(wanted);

  // Its removal was never told.
  await removeJob(gone);
  expect(await rebuild(scanItems(), { isWhole: true })).toMatchObject({ recorded: 0, missing: 1 });
  expect(await sql`select id from jobs where removal = 'deleted'`).toEqual([{ id: gone.jobId }]);
});
