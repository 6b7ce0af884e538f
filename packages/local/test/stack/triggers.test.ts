import { afterAll, beforeAll, expect, test } from "vitest";
import { bucketName } from "../../src/names.ts";
import { identityOf } from "../../src/processes/identity.ts";
import type { Stack } from "../../src/stack.ts";
import { putItem, putObject, seenBy, startSmallStack, temporaryDirectory } from "./support.ts";

const directory = temporaryDirectory();
let stack: Stack;

beforeAll(async () => {
  stack = await startSmallStack(directory.path);
});
afterAll(async () => {
  await stack.stop();
  directory.remove();
});

test("an object created below a trigger's prefix starts its function; others start nothing", async () => {
  await putObject(stack.s3, stack.stage, "elsewhere/file");
  await putObject(stack.s3, stack.stage, "users/one/a söng.wav");

  await expect.poll(() => seenBy(directory.path, "on-object"), { timeout: 10_000 }).toHaveLength(1);
  expect(seenBy(directory.path, "on-object")).toEqual([
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
  await putItem(stack.dynamodb, "old", 1_700_000_000);
  await putItem(stack.dynamodb, "young", 4_000_000_000);

  expect(await stack.expiry.expireNow()).toBe(1);

  await expect
    .poll(() => seenBy(directory.path, "on-stream"), { timeout: 10_000 })
    .toEqual([{ function: "on-stream", event: "REMOVE", item: "old", by: "dynamodb.amazonaws.com" }]);
});

test("a schedule's function runs when its time is called, with EventBridge Scheduler's event", async () => {
  await stack.schedules.runNow("on-schedule");

  expect(seenBy(directory.path, "on-schedule")).toEqual([
    { function: "on-schedule", source: "aws.scheduler", type: "Scheduled Event" },
  ]);
  await expect(stack.schedules.runNow("nothing")).rejects.toThrow("no schedule for nothing");
});

test("one origin answers the API, what a client must know, and sign-in", async () => {
  const hello = await fetch(`${stack.apiUrl}/hello`);
  expect([hello.status, await hello.json()]).toMatchObject([200, { greeting: "hello" }]);

  expect((await fetch(`${stack.apiUrl}/private`)).status).toBe(401);
  const authorization = `Bearer ${await stack.tokenFor("Ada")}`;
  expect((await fetch(`${stack.apiUrl}/private`, { headers: { authorization } })).status).toBe(200);

  const config = await fetch(`${stack.url}/config.json`);
  expect(await config.json()).toEqual({
    apiUrl: "/api",
    issuer: stack.issuerUrl,
    clientId: "t2m",
    audience: stack.environment.T2M_AUDIENCE,
    hasRecord: false,
  });
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
