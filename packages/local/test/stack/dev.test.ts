import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as z from "zod/mini";
import { liveTableName } from "../../src/names.ts";
import { identityOf } from "../../src/processes/identity.ts";
import { freePort } from "../../src/processes/port.ts";
import { readSettings } from "../../src/settings.ts";
import { hasItem, putItem, putObject, seenBy, temporaryDirectory } from "./support.ts";

// Each starts a JVM or three.
vi.setConfig({ testTimeout: 60_000 });

const { region, credentials } = readSettings({});
const Hello = z.object({ s3: z.string(), dynamodb: z.string() });
let directory: ReturnType<typeof temporaryDirectory>;
const started: number[] = [];

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  for (const pid of started.splice(0)) if (identityOf(pid)) process.kill(pid, "SIGKILL");
  await expect.poll(processesHere, { timeout: 5_000 }).toEqual([]);
  directory.remove();
});

/** Starts `dev` in a process of its own; `before` may be another command that starts it. */
function startDev(port: number, before: readonly string[] = []) {
  const script = join(import.meta.dirname, "supervisor.ts");
  const [command, ...args] = [...before, process.execPath, script, "dev", directory.path, String(port)];
  const child = spawn(command ?? "", args, { stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid) started.push(child.pid);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ready = () =>
    expect.poll(() => output, { timeout: 30_000, interval: 20 }).toContain("Ctrl-C stops everything");
  return { child, output: () => output, ready };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise((resolve) => child.once("exit", resolve));
  }
  return child.exitCode;
}

/** Whatever still runs on behalf of this test's stack: each has its directory on its command line or around it. */
function processesHere(): string[] {
  const found = spawnSync("sh", [
    "-c",
    'grep -lsaF "$0" /proc/[0-9]*/cmdline /proc/[0-9]*/environ',
    directory.path,
  ]);
  const pids = new Set(
    [...found.stdout.toString().matchAll(/\/proc\/(\d+)\//g)].map(([, pid]) => Number(pid)),
  );
  pids.delete(process.pid);
  return [...pids].filter((pid) => identityOf(pid)).map(String);
}

async function servicesOf(url: string) {
  const { s3, dynamodb } = Hello.parse(await (await fetch(`${url}/api/hello`)).json());
  return {
    s3: { endpoint: s3, region, credentials },
    live: { endpoint: dynamodb, region, credentials, table: liveTableName("local") },
  };
}

test("dev prints its addresses and logs by function; Ctrl-C stops all within two seconds and leaves no process", async () => {
  const port = await freePort();
  const dev = startDev(port);
  await dev.ready();
  expect(dev.output()).toMatch(
    new RegExp(
      `Page +http://127.0.0.1:${port}\\n +API +http://127.0.0.1:${port}/api\\n +Reference +.*/docs\\n`,
    ),
  );
  const { s3 } = await servicesOf(`http://127.0.0.1:${port}`);
  await putObject(s3, "local", "users/one/cursed");
  await expect.poll(dev.output, { timeout: 10_000 }).toMatch(/on-object +gave up after all its retries/);
  expect(dev.output()).toMatch(/on-object.*This one never works/);
  expect(processesHere().length).toBeGreaterThan(2);

  const before = performance.now();
  dev.child.kill("SIGINT");
  const code = await exitOf(dev.child);

  expect(performance.now() - before).toBeLessThan(2_000);
  expect(code).toBe(0);
  expect(processesHere()).toEqual([]);
});

test("[C5.4] killed -9, it starts again: leftovers are ended, items and objects are there, what was not done is done", async () => {
  const port = await freePort();
  const first = startDev(port);
  await first.ready();
  const url = `http://127.0.0.1:${port}`;
  const before = await servicesOf(url);
  await putItem(before.live, "kept");
  await putObject(before.s3, "local", "users/one/waits");
  await expect.poll(() => seenBy(directory.path, "on-object"), { timeout: 10_000 }).toHaveLength(1);
  const second = startDev(port);
  expect(await exitOf(second.child)).toBe(0);
  expect(second.output()).toContain(`A stack runs here already: ${url}`);

  first.child.kill("SIGKILL");
  await exitOf(first.child);
  writeFileSync(join(directory.path, "seen.jsonl.go"), "");
  const third = startDev(port);
  await third.ready();

  const after = await servicesOf(url);
  expect(await hasItem(after.live, "kept")).toBe(true);
  await expect.poll(() => seenBy(directory.path, "on-object"), { timeout: 10_000 }).toHaveLength(2);
  third.child.kill("SIGTERM");
  expect(await exitOf(third.child)).toBe(0);
});

test("when the pnpm that started it through a shell is killed, it stops by itself", async () => {
  const script = `
    const { spawn } = require("node:child_process");
    const command = process.argv.slice(2).map((word) => "'" + word + "'").join(" ");
    spawn("sh", ["-c", "trap : INT; " + command + "; true"], { stdio: "inherit" });
    setInterval(() => {}, 1000);`;
  const dev = startDev(await freePort(), [process.execPath, "-e", script, "pnpm"]);
  await dev.ready();
  expect(processesHere().length).toBeGreaterThan(2);

  dev.child.kill("SIGKILL");

  await expect.poll(processesHere, { timeout: 5_000 }).toEqual([]);
});
