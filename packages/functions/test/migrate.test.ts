import { migrations } from "@t2m/core/database/migrations.gen";
import { startDatabase } from "@t2m/local/testing";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { handler } from "../src/schedule/migrate.ts";

let sql: Sql;
beforeAll(async () => {
  sql = postgres(await startDatabase({ isEmpty: true }), { max: 1 });
});
afterAll(() => sql.end());
beforeEach(() => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockReturnValue(true);
});

test("[V2.2] a deployment brings an empty database to the newest schema, and one that has it is left as it is", async () => {
  expect(await handler()).toEqual({ applied: migrations.map(({ name }) => name) });
  expect(await handler()).toEqual({ applied: [] });
});

test("[A6.5] going back to an earlier version is no failure: what the newer one did to the database stays", async () => {
  await sql`insert into migrations (name, checksum) values ('9999_of_a_newer_version', '')`;
  expect(await handler()).toEqual({ applied: [] });
  await sql`delete from migrations where name = '9999_of_a_newer_version'`;
});

test("a migration that fails is an error that says what it means for the deployment, which step it was, and why", async () => {
  const last = migrations.at(-1)?.name ?? "";
  await sql`delete from migrations where name = ${last}`;
  await sql`alter table job_queue rename to job_queue_elsewhere`;
  await expect(handler()).rejects.toThrow(
    `nothing that uses it was deployed: the step ${last} failed: relation "job_queue" does not exist`,
  );
  await sql`alter table job_queue_elsewhere rename to job_queue`;
  expect(await handler()).toEqual({ applied: [last] });

  await sql`update migrations set checksum = 'other' where name = ${last}`;
  await expect(handler()).rejects.toThrow(`${last} was changed after it was applied`);
});
