import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startPostgres } from "../../src/postgres/server.ts";
import { identityOf } from "../../src/processes/identity.ts";

let directory: string;
const stops: (() => Promise<void>)[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "t2m-postgres-"));
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  rmSync(directory, { recursive: true });
});

async function start() {
  const server = await startPostgres({ directory, isDurable: false });
  stops.push(server.stop);
  return server;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await sql.unsafe(text);
  } finally {
    await sql.end();
  }
}

test("Postgres is of the major version that RDS runs, listens on this machine alone, and keeps its data over a restart", async () => {
  const first = await start();
  await query(first.url, "create table kept (line text)");
  await query(first.url, "insert into kept values ('äö')");
  await first.stop();
  expect(identityOf(first.pid)).toBeUndefined();

  const second = await start();

  expect(await query(second.url, "select line from kept")).toEqual([{ line: "äö" }]);
  expect(await query(second.url, "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
  expect(await query(second.url, "show server_version_num")).toEqual([
    { server_version_num: expect.stringMatching(/^17/) },
  ]);
});

test("a server killed -9 leaves a stale pid that is somebody else's by now: the next start recovers and touches nobody", async () => {
  const killed = await start();
  await query(killed.url, "create table kept (line text)");
  process.kill(killed.pid, "SIGKILL");
  await expect.poll(() => identityOf(killed.pid)).toBeUndefined();
  const pidFile = join(directory, "data/postmaster.pid");
  expect(existsSync(pidFile)).toBe(true);
  const bystander = spawn("sleep", ["60"]);
  stops.push(async () => void bystander.kill());
  const [, ...rest] = readFileSync(pidFile, "utf8").split("\n");
  writeFileSync(pidFile, [bystander.pid, ...rest].join("\n"));

  const next = await start();

  expect(await query(next.url, "select * from kept")).toEqual([]);
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
});

test("a server that outlived its supervisor is stopped before the next starts", async () => {
  const orphan = await start();

  const next = await start();

  expect(identityOf(orphan.pid)).toBeUndefined();
  expect(await query(next.url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("the server ends with its supervisor, however that ends", async () => {
  const hasDeathSignal = spawnSync("setpriv", ["--pdeathsig", "SIGINT", "true"]).status === 0;
  const module = join(import.meta.dirname, "../../src/postgres/server.ts");
  const script = `
    const { startPostgres } = await import(${JSON.stringify(module)});
    const { pid } = await startPostgres({ directory: ${JSON.stringify(directory)}, isDurable: false });
    console.log(pid);`;
  const supervisor = spawn(process.execPath, ["--input-type=module", "-e", script]);
  const pid = await new Promise<number>((resolve) => {
    supervisor.stdout.once("data", (text: Buffer) => resolve(Number(String(text))));
  });
  expect(identityOf(pid)).toBeDefined();

  supervisor.kill("SIGKILL");

  if (hasDeathSignal) await expect.poll(() => identityOf(pid), { timeout: 5_000 }).toBeUndefined();
  // Without the kernel's help the next start stops it.
  const next = await start();
  expect(identityOf(pid)).toBeUndefined();
  expect(await query(next.url, "select 1 as one")).toEqual([{ one: 1 }]);
});
