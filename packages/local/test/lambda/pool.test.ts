import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PoolStopped, RequestTooLarge, TooManyRequests } from "@t2m/local/lambda/failures";
import { expect, test } from "vitest";
import { bundleOf, isAlive, poolOf, temporaryDirectory, until } from "./support.ts";

const echo = "export const handler = async (event) => event;";
const pid = "export const handler = async () => process.pid;";
/** Holds its sandbox until a file of the event's name exists. */
const held = `
  import { existsSync } from "node:fs";
  export const handler = async (event) => {
    while (!existsSync(event.until)) await new Promise((resolve) => setTimeout(resolve, 5));
    return process.pid;
  };`;

test("a handler gets the event and its result comes back", async () => {
  const pool = poolOf(echo);
  expect(await pool.invoke({ text: "größer ☃", list: [1, null] })).toEqual({
    payload: { text: "größer ☃", list: [1, null] },
  });
  expect(await pool.invoke(undefined)).toEqual({ payload: null });
});

test("the context is AWS's own: request id, deadline, name, memory", async () => {
  const pool = poolOf(
    "export const handler = async (_, context) => ({ ...context, left: context.getRemainingTimeInMillis() });",
  );
  const { payload } = await pool.invoke({});
  expect(payload).toMatchObject({
    functionName: "tested",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:tested",
    memoryLimitInMB: "256",
    awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    left: expect.toSatisfy((left: number) => left > 15_000 && left <= 20_000),
  });
});

test("the environment is what Lambda sets and what the function is given, nothing of ours", async () => {
  process.env.T2M_TEST_SECRET = "not for functions";
  const pool = poolOf("export const handler = async () => process.env;", {
    environment: { GIVEN: "yes", AWS_REGION: "eu-west-1", TMPDIR: "/elsewhere" },
  });
  const { payload } = await pool.invoke({});
  expect(payload).toMatchObject({
    GIVEN: "yes",
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "eu-west-1",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    TMPDIR: expect.stringContaining(pool.temporaryRoot),
    TZ: ":UTC",
  });
  const allowed =
    /^(AWS_|LAMBDA_|_HANDLER|_X_AMZN_TRACE_ID|GIVEN|HOME|LANG|NODE_COMPILE_CACHE|PATH|TMPDIR|TZ)/;
  expect(Object.keys(payload as object).filter((name) => !allowed.test(name))).toEqual([]);
});

test("a sandbox runs one invocation at a time and is used again", async () => {
  const directory = temporaryDirectory();
  const pool = poolOf(held);
  const first = pool.invoke({ until: bundleOf("", directory, "go") });
  const { payload } = await first;
  const together = [1, 2].map(() => pool.invoke({ until: join(directory, "later") }));
  await until(() => pool.sandboxes().filter(({ state }) => state === "busy").length === 2);
  expect(new Set(pool.sandboxes().map((sandbox) => sandbox.pid)).size).toBe(2);
  expect(pool.sandboxes().map((sandbox) => sandbox.pid)).toContain(payload);
  await Promise.all([pool.stop(), ...together.map((answer) => expect(answer).rejects.toThrow(PoolStopped))]);
});

test("a warm invocation takes a millisecond or little more", async () => {
  const pool = poolOf(echo);
  await pool.warm(1);
  const timesMs: number[] = [];
  for (let count = 0; count < 300; count += 1) {
    const start = performance.now();
    await pool.invoke({ count });
    timesMs.push(performance.now() - start);
  }
  timesMs.sort((a, b) => a - b);
  // 0.26 ms on a quiet machine; the bound leaves room for a busy one.
  expect(timesMs[150]).toBeLessThan(3);
});

test("a burst of quick invocations is not answered by a process for each", async () => {
  const pool = poolOf(pid, { concurrency: 40 });
  await pool.warm(1);
  const answers = await Promise.all(Array.from({ length: 40 }, () => pool.invoke({})));
  expect(new Set(answers.map(({ payload }) => payload)).size).toBeLessThan(30);
});

test("what the handler throws is the result, as Lambda words it", async () => {
  const pool = poolOf("export const handler = async () => { throw new RangeError('too far'); };");
  expect(await pool.invoke({})).toEqual({
    functionError: "Unhandled",
    payload: {
      errorType: "RangeError",
      errorMessage: "too far",
      trace: expect.arrayContaining(["RangeError: too far"]),
    },
  });
  await until(() => pool.sandboxes()[0]?.state === "idle");
});

test("output arrives line by line, a stack trace as one", async () => {
  const pool = poolOf(`export const handler = async () => {
    console.log("plain"); console.error(new Error("with a stack")); process.stdout.write("raw\\nrest");
  };`);
  await pool.invoke({});
  await pool.stop();
  await until(() => pool.lines.includes("rest"));
  expect(pool.lines.find((line) => line.endsWith("plain"))).toMatch(/^\S+\t[0-9a-f-]{36}\tINFO\tplain$/);
  expect(pool.lines.find((line) => line.includes("with a stack"))).toMatch(/with a stack\n {4}at \S+handler/);
  expect(pool.lines).toContain("raw");
});

test("the sandboxes' folder for temporary files is their own and goes with them", async () => {
  const pool = poolOf(`
    import { writeFileSync } from "node:fs";
    import { tmpdir } from "node:os";
    export const handler = async () => { writeFileSync(tmpdir() + "/left", "behind"); return tmpdir(); };`);
  const { payload: directory } = await pool.invoke({});
  expect(existsSync(`${directory}/left`)).toBe(true);
  await pool.stop();
  expect(existsSync(String(directory))).toBe(false);
  expect(readdirSync(join(pool.temporaryRoot, "sandboxes"))).toEqual([]);
});

test("folders of a supervisor that was killed are collected at the next start", async () => {
  const temporaryRoot = temporaryDirectory();
  const { mkdirSync } = await import("node:fs");
  mkdirSync(join(temporaryRoot, "sandboxes", "999999999", "abc"), { recursive: true });
  mkdirSync(join(temporaryRoot, "sandboxes", "1", "abc"), { recursive: true });
  poolOf(echo, { temporaryRoot });
  expect(readdirSync(join(temporaryRoot, "sandboxes"))).toEqual(["1"]);
});

test("sandboxes at rest are ended after a while", async () => {
  const pool = poolOf(pid, { idleSeconds: 0.05 });
  const { payload } = await pool.invoke({});
  await until(() => pool.sandboxes().length === 0 && !isAlive(Number(payload)));
});

test("beyond its concurrency a pool queues, in order", async () => {
  const pool = poolOf(
    "let count = 0; export const handler = async (event) => [event, count++, process.pid];",
    { concurrency: 1 },
  );
  const answers = await Promise.all([0, 1, 2, 3].map((event) => pool.invoke(event)));
  expect(answers.map(({ payload }) => (payload as number[]).slice(0, 2))).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
});

test("or refuses, where it is told to, as Lambda throttles", async () => {
  const directory = temporaryDirectory();
  const pool = poolOf(held, { concurrency: 1, whenBusy: "refuse" });
  const running = pool.invoke({ until: join(directory, "go.mjs") });
  await expect(pool.invoke({})).rejects.toThrow(TooManyRequests);
  bundleOf("", directory, "go");
  await running;
  expect(await pool.invoke({ until: join(directory, "go.mjs") })).not.toHaveProperty("functionError");
});

test("an aborted caller stops waiting; the function runs on", async () => {
  const directory = temporaryDirectory();
  const pool = poolOf(held, { concurrency: 1 });
  const controllers = [new AbortController(), new AbortController()];
  const invocations = controllers.map(({ signal }) =>
    pool.invoke({ until: join(directory, "go.mjs") }, { signal }),
  );
  for (const controller of controllers) controller.abort(new Error("gone"));
  await Promise.all(invocations.map((invocation) => expect(invocation).rejects.toThrow("gone")));
  bundleOf("", directory, "go");
  await until(() => pool.sandboxes()[0]?.state === "idle");
  expect(pool.sandboxes()).toHaveLength(1);
});

test("events and answers beyond 6 MB are refused as Lambda refuses them", async () => {
  const pool = poolOf("export const handler = async (event) => 'x'.repeat(event.length ?? 0);");
  await expect(pool.invoke({ text: "x".repeat(6 * 1024 * 1024) })).rejects.toThrow(RequestTooLarge);
  expect(await pool.invoke({ length: 7_000_000 })).toMatchObject({
    functionError: "Unhandled",
    payload: { errorType: "Function.ResponseSizeTooLarge" },
  });
});

test("a replaced bundle serves new invocations, busy sandboxes finish with the old one", async () => {
  const directory = temporaryDirectory();
  const pool = poolOf(held);
  const old = pool.invoke({ until: join(directory, "go.mjs") });
  await until(() => pool.sandboxes()[0]?.state === "busy");
  const [{ pid: oldPid } = { pid: undefined }] = pool.sandboxes();
  pool.replace(bundleOf("export const handler = async () => 'new';"));
  expect(await pool.invoke({})).toEqual({ payload: "new" });
  bundleOf("", directory, "go");
  expect(await old).toEqual({ payload: oldPid });
  await until(() => !isAlive(Number(oldPid)));
  expect(await pool.invoke({})).toEqual({ payload: "new" });
});

test("a replaced bundle reaches sandboxes that are only starting", async () => {
  const pool = poolOf("await new Promise(() => setInterval(() => {}, 1000)); export const handler = 1;");
  const invocation = pool.invoke({});
  const warm = pool.warm(2);
  pool.replace(bundleOf("export const handler = async () => 'new';"));
  expect(await invocation).toEqual({ payload: "new" });
  await warm;
});

test("a bundle whose name the runtime would misread is refused at once", () => {
  expect(() => poolOf(echo, { file: "/functions/get.job.mjs" })).toThrow(TypeError);
});
