import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PoolStopped } from "@t2m/local/lambda/failures";
import { expect, onTestFinished, test } from "vitest";
import { bundleOf, isAlive, poolOf, temporaryDirectory, until } from "./support.ts";

/** Starts two processes, one in a group of its own as ffmpeg is, says who they are and does as told. */
const withChildren = (then: string) => `
  import { spawn } from "node:child_process";
  export const handler = async (event) => {
    const pids = [false, true].map((detached) => spawn("sleep", ["60"], { detached, stdio: "ignore" }).pid);
    process.stdout.write(JSON.stringify([process.pid, ...pids]) + "\\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    ${then}
  };`;

function pidsIn(lines: readonly string[]): number[] {
  return JSON.parse(lines.find((line) => line.startsWith("[")) ?? "[]");
}

test.for([
  ["waits", "await new Promise((resolve) => setTimeout(resolve, 60_000));"],
  ["loops", "for (;;);"],
] as const)("at its timeout a function that %s is killed with all it started", async ([, then]) => {
  const pool = poolOf(withChildren(then), { timeoutSeconds: 1 });
  expect(await pool.invoke({})).toEqual({
    functionError: "Unhandled",
    payload: {
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringMatching(
        /^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/,
      ),
    },
  });
  await until(() => pidsIn(pool.lines).length === 3 && !pidsIn(pool.lines).some(isAlive));
  expect(pool.lines.some((line) => line.includes("Task timed out"))).toBe(true);
});

test("a function that exits is an ExitError, what it started dies, and the next invocation works", async () => {
  const pool = poolOf(withChildren("if (event.exit) process.exit(3); return 'fine';"));
  expect(await pool.invoke({ exit: true })).toMatchObject({
    functionError: "Unhandled",
    payload: {
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringMatching(/Error: Runtime exited with error: exit status 3$/),
    },
  });
  await until(() => !pidsIn(pool.lines).some(isAlive));
  expect(await pool.invoke({})).toEqual({ payload: "fine" });
});

test("[A11.3] a sandbox that is killed fails its invocation only", async () => {
  const pool = poolOf(
    "export const handler = async ({ hang }) => { if (hang) await new Promise((done) => setTimeout(done, 60_000)); return 'fine'; };",
  );
  const other = pool.invoke({ hang: true });
  await until(() => pool.sandboxes()[0]?.state === "busy");
  const [{ pid } = { pid: undefined }] = pool.sandboxes();
  const fine = pool.invoke({});
  process.kill(Number(pid), "SIGKILL");
  expect(await other).toMatchObject({
    payload: { errorType: "Runtime.ExitError", errorMessage: expect.stringMatching(/signal: killed$/) },
  });
  expect(await fine).toEqual({ payload: "fine" });
});

test("a function that awaits what never comes has exited, as on Lambda", async () => {
  const pool = poolOf("export const handler = () => new Promise(() => {});");
  expect(await pool.invoke({})).toMatchObject({
    payload: {
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringMatching(/without providing a reason$/),
    },
  });
});

test("[A9.5] a sandbox that is killed at rest is not given work", async () => {
  const pool = poolOf("export const handler = async () => process.pid;");
  const { payload: first } = await pool.invoke({});
  process.kill(Number(first), "SIGKILL");
  await until(() => pool.sandboxes().length === 0);
  expect((await pool.invoke({})).payload).not.toBe(first);
});

test("a function that outgrows its heap or its memory ends as on Lambda", async () => {
  const pool = poolOf(
    `export const handler = async ({ what }) => {
      const kept = [];
      for (;;) {
        kept.push(what === "heap" ? new Array(1e6).fill(kept.length + 0.5) : Buffer.alloc(1e7, 1));
        await new Promise((resolve) => setTimeout(resolve, what === "heap" ? 0 : 5));
      }
    };`,
    { memoryMb: 128 },
  );
  const [heap, buffers] = await Promise.all(["heap", "buffers"].map((what) => pool.invoke({ what })));
  expect(heap).toMatchObject({
    functionError: "Unhandled",
    payload: { errorType: expect.stringMatching(/^Runtime\.(ExitError|OutOfMemory)$/) },
  });
  expect(buffers).toMatchObject({
    functionError: "Unhandled",
    payload: {
      errorType: "Runtime.OutOfMemory",
      errorMessage: expect.stringMatching(/Runtime exited with error: signal: killed$/),
    },
  });
});

test.for([
  ["throws", "throw new TypeError('no table'); export const handler = 1;", "TypeError", "no table"],
  ["does not parse", "export const handler = ;", "Runtime.UserCodeSyntaxError", "Unexpected token"],
  ["has no handler", "export const other = 1;", "Runtime.HandlerNotFound", "tested.handler is undefined"],
  ["exits", "process.exit(5);", "Runtime.ExitError", "exit status 5"],
] as const)(
  "a bundle that %s at its start fails the invocations that need it, and nothing hangs",
  async ([, source, errorType, message]) => {
    const pool = poolOf(source);
    const results = await Promise.all([pool.invoke({}), pool.invoke({})]);
    for (const result of results) {
      expect(result).toMatchObject({
        functionError: "Unhandled",
        payload: { errorType, errorMessage: expect.stringContaining(message) },
      });
    }
    await expect(pool.warm(1)).rejects.toThrow(message);
  },
);

test("a bundle that hangs at its start is killed", async () => {
  const pool = poolOf("for (;;);", { initTimeoutSeconds: 0.5 });
  expect(await pool.invoke({})).toMatchObject({ payload: { errorType: "Sandbox.Timedout" } });
});

test("stop ends all within two seconds, whatever runs, and leaves no process", async () => {
  const pool = poolOf(withChildren("for (;;);"));
  const running = pool.invoke({});
  const waiting = pool.invokeAsync({});
  await until(() => pidsIn(pool.lines).length === 3);
  const start = performance.now();
  const [stopped] = await Promise.all([pool.stop(), expect(running).rejects.toThrow(PoolStopped)]);
  expect(stopped).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(2_000);
  await expect(waiting.finished).rejects.toThrow(PoolStopped);
  await until(() => !pidsIn(pool.lines).some(isAlive));
  await expect(pool.invoke({})).rejects.toThrow(PoolStopped);
  await expect(pool.warm(1)).rejects.toThrow(PoolStopped);
});

test("when the supervisor itself is killed, its sandboxes and all they started die", async () => {
  const directory = temporaryDirectory();
  const supervisor = join(directory, "supervisor.ts");
  writeFileSync(
    supervisor,
    `import { createPool } from ${JSON.stringify(import.meta.resolve("@t2m/local/lambda/pool"))};
    const pool = createPool({
      name: "tested", file: ${JSON.stringify(bundleOf(withChildren("for (;;);")))}, memoryMb: 256, timeoutSeconds: 60,
      environment: {}, temporaryRoot: ${JSON.stringify(directory)}, onLog: console.log, onFailure() {},
    });
    await pool.invoke({});`,
  );
  const child = spawn(process.execPath, [supervisor], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  await until(() => pidsIn(lines).length === 3);
  expect(pidsIn(lines).every(isAlive)).toBe(true);
  child.kill("SIGKILL");
  await until(() => !pidsIn(lines).some(isAlive));
});
