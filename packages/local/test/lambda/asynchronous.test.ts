import { existsSync } from "node:fs";
import { join } from "node:path";
import { PoolStopped } from "@t2m/local/lambda/failures";
import { expect, test } from "vitest";
import { bundleOf, poolOf, temporaryDirectory, until } from "./support.ts";

/** Notes each attempt in the event's folder and fails the first `failures` of them. */
const failing = `
  import { readdirSync, writeFileSync } from "node:fs";
  export const handler = async ({ directory, failures }, context) => {
    const attempt = readdirSync(directory).length;
    writeFileSync(directory + "/" + attempt + "-" + context.awsRequestId, "");
    if (attempt < failures) throw new Error("attempt " + attempt);
  };`;

test("an event that fails is tried twice more, then recorded as Lambda records it", async () => {
  const directory = temporaryDirectory();
  const pool = poolOf(failing, { environment: { AWS_REGION: "eu-central-1" } });
  const event = { directory, failures: 3 };
  const { requestId, accepted, finished } = pool.invokeAsync(event);
  await accepted;
  await finished;
  expect([0, 1, 2].every((attempt) => existsSync(join(directory, `${attempt}-${requestId}`)))).toBe(true);
  expect(pool.records).toEqual([
    {
      version: "1.0",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      requestContext: {
        requestId,
        functionArn: "arn:aws:lambda:eu-central-1:000000000000:function:tested:$LATEST",
        condition: "RetriesExhausted",
        approximateInvokeCount: 3,
      },
      requestPayload: event,
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: { errorType: "Error", errorMessage: "attempt 2", trace: expect.any(Array) },
    },
  ]);
});

test("an event that succeeds at its last try leaves no record", async () => {
  const directory = temporaryDirectory();
  const pool = poolOf(failing);
  await pool.invokeAsync({ directory, failures: 2 }).finished;
  expect(pool.records).toEqual([]);
});

test("a crash and a timeout are failures like any other", async () => {
  const pool = poolOf(
    "export const handler = async (event) => { if (event.exit) process.exit(1); for (;;); };",
    {
      timeoutSeconds: 0.2,
      retryDelaysMs: [1],
    },
  );
  await Promise.all([pool.invokeAsync({ exit: true }).finished, pool.invokeAsync({}).finished]);
  expect(pool.records).toMatchObject([
    { responsePayload: { errorType: "Runtime.ExitError" }, requestContext: { approximateInvokeCount: 2 } },
    { responsePayload: { errorType: "Sandbox.Timedout" }, requestContext: { approximateInvokeCount: 2 } },
  ]);
});

test("events wait for their turn even where callers are refused", async () => {
  const directory = temporaryDirectory();
  const pool = poolOf(failing, { concurrency: 1, whenBusy: "refuse" });
  await Promise.all([1, 2, 3].map(() => pool.invokeAsync({ directory, failures: 0 }).finished));
  expect(pool.records).toEqual([]);
});

test("an event whose pool stops is not finished: its sender still has it", async () => {
  const directory = temporaryDirectory();
  const pool = poolOf(failing, { retryDelaysMs: [60_000] });
  const { finished } = pool.invokeAsync({ directory, failures: 9 });
  await until(() => pool.sandboxes()[0]?.state === "idle");
  await Promise.all([pool.stop(), expect(finished).rejects.toThrow()]);
  await expect(pool.invokeAsync({}).finished).rejects.toThrow(PoolStopped);
});

test("nor is an event whose record could not be left", async () => {
  const pool = poolOf("export const handler = async () => { throw new Error('always'); };", {
    retryDelaysMs: [],
    onFailure: () => Promise.reject(new Error("the bucket is away")),
  });
  await expect(pool.invokeAsync({}).finished).rejects.toThrow("the bucket is away");
});

test("a bundle that is repaired between two tries succeeds", async () => {
  const pool = poolOf("throw new Error('broken'); export const handler = 1;", { retryDelaysMs: [300] });
  const { finished } = pool.invokeAsync({});
  await until(() => pool.lines.some((line) => line.includes("broken")));
  pool.replace(bundleOf("export const handler = async () => 'repaired';"));
  await finished;
  expect(pool.records).toEqual([]);
});
