import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bucketName } from "../../src/names.ts";
import { identityOf } from "../../src/processes/identity.ts";
import type { Stack } from "../../src/stack.ts";
import { putItem, putObject, startSmallStack, temporaryDirectory } from "./support.ts";

const directory = temporaryDirectory();
let stack: Stack;

beforeAll(async () => {
  stack = await startSmallStack(directory.path);
});
afterAll(async () => {
  await stack.stop();
  directory.remove();
});

function seenBy(name: string): Record<string, unknown>[] {
  try {
    const lines = readFileSync(join(directory.path, "seen.jsonl"), "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line)).filter((seen) => seen.function === name);
  } catch {
    return [];
  }
}

test("[C3.1] an object created below a trigger's prefix starts its function; others start nothing", async () => {
  await putObject(stack.s3, stack.stage, "elsewhere/file");
  await putObject(stack.s3, stack.stage, "users/one/a söng.wav");

  await expect.poll(() => seenBy("on-object"), { timeout: 10_000 }).toHaveLength(1);
  expect(seenBy("on-object")).toEqual([
    {
      function: "on-object",
      event: "ObjectCreated:Put",
      bucket: bucketName(stack.stage, "uploads", stack.s3.region),
      key: "users/one/a+s%C3%B6ng.wav",
    },
  ]);
});

test("an event whose function always fails is tried three times and then kept as a failure record", async () => {
  await putObject(stack.s3, stack.stage, "users/one/cursed");

  await expect.poll(() => stack.failures.list(), { timeout: 10_000 }).toHaveLength(1);
  expect(stack.failures.list()).toMatchObject([
    {
      function: "on-object",
      failure: {
        requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 3 },
        requestPayload: { Records: [{ s3: { object: { key: "users/one/cursed" } } }] },
        responsePayload: { errorMessage: "This one never works" },
      },
    },
  ]);
});

test("what expires comes to the stream's function in DynamoDB's name", async () => {
  await putItem(stack, "old", 1_700_000_000);
  await putItem(stack, "young", 4_000_000_000);

  expect(await stack.expiry.expireNow()).toBe(1);

  await expect
    .poll(() => seenBy("on-stream"), { timeout: 10_000 })
    .toEqual([{ function: "on-stream", event: "REMOVE", item: "old", by: "dynamodb.amazonaws.com" }]);
});

test("a schedule's function runs when its time is called, with EventBridge Scheduler's event", async () => {
  await stack.schedules.runNow("on-schedule");

  expect(seenBy("on-schedule")).toEqual([
    { function: "on-schedule", source: "aws.scheduler", type: "Scheduled Event" },
  ]);
  await expect(stack.schedules.runNow("nothing")).rejects.toThrow("no schedule for nothing");
});

test("another stack cannot start in its directory meanwhile", async () => {
  await expect(startSmallStack(directory.path)).rejects.toThrow("runs here already");
});

test("a stack stops within two seconds, with every process of its functions", async () => {
  const pids = [...stack.pools.values()].flatMap((pool) => pool.sandboxes().map(({ pid }) => pid ?? 0));
  expect(pids.length).toBeGreaterThan(0);

  const before = performance.now();
  await stack.stop();

  expect(performance.now() - before).toBeLessThan(2_000);
  expect(pids.filter((pid) => identityOf(pid))).toEqual([]);
  await expect(fetch(stack.dynamodb.endpoint)).rejects.toThrow();
  await expect(fetch(stack.s3.endpoint)).rejects.toThrow();
});
