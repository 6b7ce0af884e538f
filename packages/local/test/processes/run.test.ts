import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { emptyState } from "../../src/cli/empty.ts";
import { startChild } from "../../src/processes/child.ts";
import { identityOf } from "../../src/processes/identity.ts";
import { AlreadyRunning, claimRun, findRun } from "../../src/processes/run.ts";

let directory: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "t2m-run-"));
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  rmSync(directory, { recursive: true });
});

/** Another process that claims the directory and leaves a child behind when it is killed. */
async function claimElsewhere(): Promise<{ supervisor: ChildProcess; orphan: number }> {
  const module = join(import.meta.dirname, "../../src/processes/run.ts");
  const script = `
    const { spawn } = await import("node:child_process");
    const { claimRun } = await import(${JSON.stringify(module)});
    const run = await claimRun(${JSON.stringify(directory)});
    const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    run.remember({ name: "sleeper", pid: child.pid, stopSignal: "SIGTERM" });
    run.publish("http://127.0.0.1:1234");
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const supervisor = spawn(process.execPath, ["--input-type=module", "-e", script]);
  started.push(supervisor);
  const orphan = await new Promise<number>((resolve) => {
    supervisor.stdout.once("data", (text: Buffer) => resolve(Number(String(text))));
  });
  return { supervisor, orphan };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exited;
}

test("a second stack in the same directory is refused and told where the first answers", async () => {
  const { supervisor } = await claimElsewhere();

  const attempt = claimRun(directory);

  await expect(attempt).rejects.toThrow(AlreadyRunning);
  await expect(attempt).rejects.toMatchObject({ url: "http://127.0.0.1:1234", pid: supervisor.pid });
  expect(findRun(directory)).toEqual({ pid: supervisor.pid, url: "http://127.0.0.1:1234" });
});

test("what a killed run left behind is ended by the next, and its claim is void", async () => {
  const { supervisor, orphan } = await claimElsewhere();
  await kill(supervisor);
  expect(identityOf(orphan)).toBeDefined();

  const run = await claimRun(directory);

  expect(run.reaped).toEqual(["sleeper"]);
  expect(identityOf(orphan)).toBeUndefined();
  run.close();
  expect(findRun(directory)).toBeUndefined();
});

test("a pid that the system gave to another process since is left alone", async () => {
  const { supervisor, orphan } = await claimElsewhere();
  await kill(supervisor);
  process.kill(orphan, "SIGKILL");
  const bystander = spawn("sleep", ["60"]);
  started.push(bystander);
  const file = join(directory, "run.json");
  writeFileSync(file, readFileSync(file, "utf8").replace(String(orphan), String(bystander.pid)));

  const run = await claimRun(directory);

  expect(run.reaped).toEqual([]);
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  run.close();
});

test("reset empties a directory, but not under a stack that runs", async () => {
  const { supervisor } = await claimElsewhere();
  writeFileSync(join(directory, "data"), "precious");

  await expect(emptyState(directory)).rejects.toThrow("A stack runs here already: http://127.0.0.1:1234");
  expect(readdirSync(directory)).toContain("data");

  await kill(supervisor);
  await emptyState(directory);
  expect(readdirSync(directory)).toEqual(["lock"]);
});

test("a child that ignores the polite signal is killed after a second", async () => {
  const child = await startChild({
    name: "stubborn",
    command: "sh",
    args: ["-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"],
    stopSignal: "SIGTERM",
  });
  await expect.poll(() => child.lastLines()).toBe("ready");

  const before = performance.now();
  await child.stop();

  expect(performance.now() - before).toBeLessThan(1_500);
  expect(identityOf(child.pid)).toBeUndefined();
});

test("a command that does not exist is an error with its name", async () => {
  const attempt = startChild({
    name: "Nothing",
    command: "/no/such/command",
    args: [],
    stopSignal: "SIGTERM",
  });

  // Where the kernel's death signal is used, it is setpriv that does not find it.
  const outcome = await attempt.then(
    async (child) => {
      await child.exited;
      return child.lastLines();
    },
    (error: unknown) => String(error),
  );
  expect(outcome).toContain("/no/such/command");
});
