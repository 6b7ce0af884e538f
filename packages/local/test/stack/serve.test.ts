import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { identityOf } from "../../src/processes/identity.ts";
import { freePort } from "../../src/processes/port.ts";
import { temporaryDirectory } from "./support.ts";

vi.setConfig({ testTimeout: 60_000 });

let directory: ReturnType<typeof temporaryDirectory>;
let port: number;
const started: ChildProcess[] = [];

beforeEach(async () => {
  directory = temporaryDirectory();
  port = await freePort();
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill("SIGKILL");
    await gone(child);
  }
  directory.remove();
});

async function serve(): Promise<{ child: ChildProcess; line: unknown }> {
  const script = join(import.meta.dirname, "supervisor.ts");
  const child = spawn(process.execPath, [script, "serve", directory.path, String(port)]);
  started.push(child);
  const line = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).once("line", resolve);
  });
  return { child, line: JSON.parse(line) };
}

const gone = (child: ChildProcess) =>
  expect.poll(() => identityOf(child.pid ?? 0), { timeout: 10_000, interval: 20 }).toBeUndefined();

async function answers(): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/api/hello`).then(
    ({ ok }) => ok,
    () => false,
  );
}

test("a stack that a command started ends when the command does, but not under another that uses it", async () => {
  const first = await serve();
  expect(first.line).toEqual({ url: `http://127.0.0.1:${port}`, startedByUs: true });
  const second = await serve();
  expect(second.line).toEqual({ url: `http://127.0.0.1:${port}`, startedByUs: false });

  first.child.stdin?.end();
  // The third comes while the first waits for the second.
  const third = await serve();
  expect(third.line).toMatchObject({ startedByUs: false });
  second.child.stdin?.end();
  await gone(second.child);
  expect(await answers()).toBe(true);

  // Killed, it signs nobody off.
  third.child.kill("SIGKILL");
  await gone(first.child);
  expect(await answers()).toBe(false);
});

test("a stack that cannot start says why in its one line", async () => {
  const blocker = await serve();
  const otherDirectory = temporaryDirectory();
  const script = join(import.meta.dirname, "supervisor.ts");
  const child = spawn(process.execPath, [script, "serve", otherDirectory.path, String(port)]);
  started.push(child);
  let output = "";
  child.stdout.on("data", (text: Buffer) => {
    output += text;
  });

  const code = await new Promise((resolve) => child.once("close", resolve));

  expect(JSON.parse(output)).toEqual({ error: `Port ${port} is taken; choose another by PORT` });
  expect(code).toBe(1);
  blocker.child.stdin?.end();
  await gone(blocker.child);
  otherDirectory.remove();
});
