import { randomUUID } from "node:crypto";
import { type Migration, migrate } from "@t2m/core/database/migrate";
import { migrations } from "@t2m/core/database/migrations.gen";
import { until } from "@t2m/local/processes/wait";
import { startDatabase } from "@t2m/local/testing";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import postgres, { type Sql } from "postgres";
import { afterEach, expect, test } from "vitest";

const open: Sql[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((sql) => sql.end({ timeout: 1 })));
});

async function emptyDatabase(): Promise<{ url: string; sql: Sql; again: () => Sql }> {
  const url = await startDatabase({ isEmpty: true });
  const again = () => {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    open.push(sql);
    return sql;
  };
  return { url, sql: again(), again };
}

/** What the schema comes to: columns, constraints, indexes, triggers. */
async function shapeOf(sql: Sql): Promise<unknown> {
  return [
    await sql`
      select table_name, column_name, data_type, is_nullable, column_default
      from information_schema.columns where table_schema = 'public' order by 1, 2`,
    await sql`select conname, pg_get_constraintdef(oid) from pg_constraint order by 1, 2`,
    await sql`select indexname, indexdef from pg_indexes where schemaname = 'public' order by 1`,
    await sql`select tgname, tgrelid::regclass::text from pg_trigger where not tgisinternal order by 1, 2`,
  ];
}

const names = migrations.map(({ name }) => name);

test("[VD.2] [V2.2] a database comes to the newest schema from nothing and from every earlier step, and its rows with it", async () => {
  const fresh = await emptyDatabase();
  expect(await migrate(fresh.sql, migrations)).toEqual(names);
  const wanted = await shapeOf(fresh.sql);

  for (let steps = 1; steps < migrations.length; steps++) {
    const { sql } = await emptyDatabase();
    await migrate(sql, migrations.slice(0, steps));
    await sql.unsafe(firstData);
    const before = await rowsOf(sql);
    expect(Object.keys(before).sort()).toEqual(tablesOfOld);

    expect(await migrate(sql, migrations)).toEqual(names.slice(steps));

    expect(await shapeOf(sql)).toEqual(wanted);
    // What later steps added stands beside what was there.
    expect(await rowsOf(sql)).toMatchObject(before);
    expect(await migrate(sql, migrations)).toEqual([]);
  }
});

/** A row in each table, as the first version's code wrote them: every later schema still takes it. */
const firstData = `
  insert into users (id, email) values ('${id(1)}', 'somebody@example.com');
  insert into batches (id, user_id, job_count) values ('${id(2)}', '${id(1)}', 1);
  insert into jobs (id, user_id, batch_id, kind, status, topic, configuration, version, created_at)
    values ('${id(3)}', '${id(1)}', '${id(2)}', 'conversion', 'queued', 'song.wav', '{"preset": "mp3"}', 2, now());
  insert into job_queue (id, job_id, user_id, status) values ('${id(4)}', '${id(3)}', '${id(1)}', 'running');
  insert into job_events (job_id, sequence, type, at, status) values ('${id(3)}', 1, 'job.created', now(), 'queued');
  insert into early_events (job_id, sequence, event) values ('${id(5)}', 1, '{}');
  insert into file_metadata (id, user_id, job_id, file_type, original_filename, s3_bucket, s3_key, file_size,
    content_type, created_at)
    values ('${id(6)}', '${id(1)}', '${id(3)}', 'main', 'song.mp3', 'videos', 'users/${id(1)}/jobs/song.mp3', 1,
      'audio/mpeg', now());
  insert into share_links (id, file_id, user_id, secret_hash, expires_at)
    values ('${id(7)}', '${id(6)}', '${id(1)}', 'x', now() + interval '1 day');
  insert into sessions (id, user_id, expires_at) values ('${id(8)}', '${id(1)}', now() + interval '1 day');
  insert into permissions (user_id, permission) values ('${id(1)}', 'admin.read');
  insert into usage_daily (user_id, day) values ('${id(1)}', '2026-01-01');
  insert into activity_log (id, user_id, action) values ('${id(9)}', '${id(1)}', 'account.created');
  insert into refused_records (event_id, reason, detail, record) values ('x', 'unreadable', '', '{}');
  insert into erasures (user_id) values ('${id(10)}');
`;
const tablesOfOld = [...firstData.matchAll(/insert into (\w+)/g)].map(([, table = ""]) => table).sort();

function id(number: number): string {
  return `0199a5b2-6c1f-7e21-8a3d-${String(number).padStart(12, "0")}`;
}

/** What lies in the tables that hold anything, but for the list of steps. */
async function rowsOf(sql: Sql): Promise<Record<string, unknown[]>> {
  const tables = await sql`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_name <> 'migrations' order by 1`;
  const found: Record<string, unknown[]> = {};
  for (const { name } of tables) {
    const rows = await sql`select to_jsonb(t) as row from ${sql(String(name))} t`;
    if (rows.length > 0) found[String(name)] = rows.map(({ row }) => row);
  }
  return found;
}

test("several who migrate at once do each step once", async () => {
  const { again } = await emptyDatabase();
  const applied = await Promise.all([again(), again(), again()].map((sql) => migrate(sql, migrations)));
  expect(applied.flat()).toEqual(names);
});

test("a step does not keep others waiting for the table that it waits for, and comes through when that is free", async () => {
  const { sql, again } = await emptyDatabase();
  const steps: Migration[] = [
    { name: "0000_table", text: "create table kept (id int)" },
    { name: "0001_column", text: "alter table kept add column name text" },
  ];
  await migrate(sql, steps.slice(0, 1));
  const reader = await again().reserve();
  await reader.unsafe("begin; select * from kept");

  const migrating = migrate(sql, steps, { lockMs: 100 });
  const others = again();
  // Behind a waiting `alter table` everybody waits; here never for longer than it does, however often it tries.
  for (let tries = 0; tries < 3; tries++) {
    await until("the step waits for the table", 10_000, async () => {
      const waiting = await others`select 1 from pg_locks where relation = 'kept'::regclass and not granted`;
      return waiting.length > 0;
    });
    const started = performance.now();
    await others`select * from kept`;
    expect(performance.now() - started).toBeLessThan(1_000);
  }
  await reader.unsafe("commit");
  reader.release();

  expect(await migrating).toEqual(["0001_column"]);
  expect(await others`select name from kept`).toEqual([]);
});

test("a step outside a transaction that broke off is done again; one inside leaves nothing behind", async () => {
  const { sql } = await emptyDatabase();
  const inside = {
    name: "0000_inside",
    text: "create table kept (id int);\n--> statement-breakpoint\nnonsense",
  };
  await expect(migrate(sql, [inside])).rejects.toThrow("syntax error");
  expect(await sql`select to_regclass('kept') as found`).toEqual([{ found: null }]);

  const text = `-- outside a transaction
create table if not exists kept (id int);
--> statement-breakpoint
`;
  await expect(migrate(sql, [{ name: "0000_outside", text: `${text}nonsense` }])).rejects.toThrow(
    "syntax error",
  );
  const index = "create index concurrently if not exists kept_id on kept (id)";
  expect(await migrate(sql, [{ name: "0000_outside", text: text + index }])).toEqual(["0000_outside"]);
});

test("a step that was changed after it was applied is refused, and so is a database of a newer version", async () => {
  const { sql } = await emptyDatabase();
  const [one, two] = [
    { name: "0000_one", text: "select 1" },
    { name: "0001_two", text: "select 2" },
  ] as const;
  await migrate(sql, [one, two]);
  await expect(migrate(sql, [{ ...one, text: "select 3" }, two])).rejects.toThrow(
    "was changed after it was applied",
  );
  await expect(migrate(sql, [one])).rejects.toThrow("it is of a newer version");
});

test("[V3.2] functions sign in as a role that uses rows and can change no table", async () => {
  const { sql, url } = await emptyDatabase();
  const role = `t2m_${randomUUID().slice(0, 8)}`;
  await migrate(sql, migrations, { appUser: role });
  await migrate(sql, migrations, { appUser: role });
  const asApp = new URL(url);
  asApp.username = role;
  const app = postgres(asApp.href, { max: 1 });
  open.push(app);

  await app`insert into users (id) values (${randomUUID()})`;
  expect(await app`delete from users returning role`).toEqual([{ role: "user" }]);
  for (const text of [
    "drop table users",
    "alter table users add column x int",
    "create table mine (id int)",
    "delete from migrations",
    "truncate users",
  ]) {
    await expect(app.unsafe(text)).rejects.toMatchObject({ code: "42501" });
  }
});

test("[VD.2] the steps make the schema that the code has", async () => {
  const { readdirSync, readFileSync } = await import("node:fs");
  const { join } = await import("node:path");
  const root = join(import.meta.dirname, "../..");
  const schema: Record<string, unknown> = {};
  for (const file of readdirSync(join(root, "src/database/schema"))) {
    Object.assign(schema, await import(join(root, "src/database/schema", file)));
  }
  const snapshots = readdirSync(join(root, "migrations/meta")).filter((name) =>
    name.endsWith("_snapshot.json"),
  );
  const newest = JSON.parse(
    readFileSync(join(root, "migrations/meta", snapshots.sort().at(-1) ?? ""), "utf8"),
  );
  expect(await generateMigration(newest, generateDrizzleJson(schema, newest.id))).toEqual([]);
});
