import { randomUUID } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { migrate } from "@t2m/core/database/migrate";
import { migrations } from "@t2m/core/database/migrations.gen";
import { type RunningPostgres, startPostgres } from "@t2m/local/postgres/server";
import postgres, { type Sql } from "postgres";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "t2m-restore-"));
const archive = join(root, "archive");
const running: RunningPostgres[] = [];
const open: Sql[] = [];
afterAll(async () => {
  await Promise.all(open.map((sql) => sql.end({ timeout: 1 })));
  await Promise.all(running.map((server) => server.stop()));
  rmSync(root, { recursive: true });
});

async function start(name: string): Promise<{ server: RunningPostgres; sql: Sql }> {
  const server = await startPostgres({ directory: join(root, name), isDurable: true });
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  running.push(server);
  open.push(sql);
  return { server, sql };
}

/** As RDS keeps its log: every segment is copied away before it is used again. */
async function startArchiving() {
  const { server, sql } = await start("lost");
  const { uid, gid } = statSync(join(root, "lost/data"));
  mkdirSync(archive);
  chownSync(archive, uid, gid);
  await sql.unsafe("alter system set archive_mode = on");
  await sql.unsafe(`alter system set archive_command = 'cp %p ${archive}/%f'`);
  await sql.end();
  await server.stop();
  return (await start("lost")).sql;
}

/** A copy of the running database's files, as a snapshot is: whole only together with the log since it began. */
async function snapshot(sql: Sql, to: string) {
  const from = join(root, "lost/data");
  await sql`select pg_backup_start('drill', true)`;
  mkdirSync(to, { recursive: true });
  cpSync(from, to, {
    recursive: true,
    filter: (path) => basename(path) !== "postmaster.pid" && !path.includes("/pg_wal/"),
  });
  const [label] = await sql<{ labelfile: string }[]>`select labelfile from pg_backup_stop()`;
  writeFileSync(join(to, "backup_label"), label?.labelfile ?? "");
}

/** What RDS does when it restores to a point in time. */
function prepareRestore(to: string, moment: string) {
  const settings = [
    `restore_command = 'cp ${archive}/%f %p'`,
    `recovery_target_time = '${moment}'`,
    "recovery_target_action = 'promote'",
  ];
  appendFileSync(join(to, "postgresql.auto.conf"), `${settings.join("\n")}\n`);
  writeFileSync(join(to, "recovery.signal"), "");
  const { uid, gid } = statSync(join(root, "lost/data"));
  const files = readdirSync(to, { recursive: true, encoding: "utf8" });
  for (const file of ["", ...files]) chownSync(join(to, file), uid, gid);
  chmodSync(to, 0o700);
}

test("[A11.5] [V7.3] a database that was wiped is brought back to the moment before: nothing confirmed until then is lost, what came after is not in it, and the next deployment finds it fit", async () => {
  const lost = await startArchiving();
  await migrate(lost, migrations, { appUser: "t2m_app" });
  const people = Array.from({ length: 300 }, () => randomUUID());
  const arrive = (ids: string[]) => lost`insert into users ${lost(ids.map((id) => ({ id })))}`;
  await arrive(people.slice(0, 100));
  const copy = join(root, "restored/data");
  await snapshot(lost, copy);
  // After the nightly copy: only the log knows of these.
  await arrive(people.slice(100, 200));
  for (const id of people.slice(200)) await arrive([id]);
  const [now] = await lost<{ at: string }[]>`select clock_timestamp()::text as at`;

  await lost`delete from users`;
  await lost`drop table job_queue`;
  await lost`select pg_switch_wal()`;
  const kept = async () => (await lost`select archived_count as count from pg_stat_archiver`)[0]?.count;
  const before = await kept();
  await lost`insert into users (id) values (${randomUUID()})`;
  await lost`select pg_switch_wal()`;
  await expect.poll(kept).not.toBe(before);

  const began = performance.now();
  prepareRestore(copy, now?.at ?? "");
  const { sql: restored } = await start("restored");
  const found = await restored<{ id: string }[]>`select id from users`;
  const seconds = (performance.now() - began) / 1000;

  expect(found.map(({ id }) => id).sort()).toEqual(people.toSorted());
  expect(await restored`select count(*)::int as queued from job_queue`).toEqual([{ queued: 0 }]);
  expect(await migrate(restored, migrations, { appUser: "t2m_app" })).toEqual([]);
  // The page allows for AWS making a new instance; the replay of the log is our own part of it.
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/runbooks/restore.md"), "utf8");
  const [, minutes] = /\| rows \|[^|]*\|[^|]*\| (\d+) minutes \|/.exec(page) ?? [];
  expect(seconds).toBeLessThan(Number(minutes) * 60);
});
