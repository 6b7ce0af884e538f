import { existsSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import * as z from "zod/mini";
import { type S3Server, startS3 } from "../../src/s3/server.ts";
import { readSettings } from "../../src/settings.ts";
import { hasItem, putItem, putObject, seenBy, startSmallStack, temporaryDirectory } from "./support.ts";

const directory = temporaryDirectory();
const { region, credentials } = readSettings({});
let s3: S3Server;
let dynamodbEndpoint: string;

beforeAll(async () => {
  s3 = await startS3({ directory: join(directory.path, "another-s3"), region, credentials });
  const services: unknown = await (await fetch(inject("servicesUrl"))).json();
  dynamodbEndpoint = z.object({ dynamodbEndpoint: z.string() }).parse(services).dynamodbEndpoint;
});
afterAll(async () => {
  await s3.stop();
  directory.remove();
});

test("[C7.1] [C7.3] AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_DYNAMODB and DATABASE_URL put other servers in the place of ours; new objects start functions there too", async () => {
  const settings = readSettings({
    PATH: "/nowhere",
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
    DATABASE_URL: "postgres://elsewhere/database",
  });
  const stack = await startSmallStack(directory.path, { settings, stage: "foreign", hasPostgres: true });

  expect(stack.s3).toMatchObject({ endpoint: s3.url, running: undefined });
  expect(stack.environment).toMatchObject({
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
  });
  expect(await stack.database).toEqual({ url: "postgres://elsewhere/database" });
  expect(
    ["s3", "dynamodb", "postgres"].filter((part) => existsSync(join(directory.path, "state", part))),
  ).toEqual([]);
  await putItem(stack.dynamodb, "old", 1_700_000_000);
  await putObject(stack.s3, stack.stage, "users/one/file");
  expect(await stack.expiry.expireNow()).toBe(1);
  await expect
    .poll(() => seenBy(directory.path, "on-object"), { timeout: 15_000 })
    .toMatchObject([{ event: "ObjectCreated:Put", key: "users/one/file" }]);
  await expect.poll(() => seenBy(directory.path, "on-stream"), { timeout: 15_000 }).toHaveLength(1);
  await stack.stop();

  // What is dealt with is not new at the next start; what came meanwhile is.
  await putObject({ endpoint: s3.url, region, credentials }, "foreign", "users/one/later");
  const next = await startSmallStack(directory.path, { settings, stage: "foreign" });
  await expect
    .poll(() => seenBy(directory.path, "on-object"), { timeout: 15_000 })
    .toMatchObject([{ key: "users/one/file" }, { key: "users/one/later" }]);
  await next.stop();
});

test("without Postgres the stack starts all the same, says so, and works", async () => {
  const warnings: string[] = [];
  const home = join(directory.path, "no-postgres");
  await mkdir(join(home, "state"), { recursive: true });
  writeFileSync(join(home, "state/postgres"), "not a folder");

  const stack = await startSmallStack(home, {
    hasPostgres: true,
    log: (part, line, level) => level === "warning" && warnings.push(`${part}: ${line}`),
  });

  expect(await stack.database).toBeUndefined();
  expect(warnings).toEqual([
    expect.stringMatching(/^postgres: not available; uploads and conversions go on/),
  ]);
  await putObject(stack.s3, stack.stage, "users/one/file");
  await expect.poll(() => seenBy(home, "on-object"), { timeout: 15_000 }).toHaveLength(1);
  await putItem(stack.dynamodb, "item");
  expect(await hasItem(stack.dynamodb, "item")).toBe(true);
  await stack.stop();
});

test("without Java one line says how to get it, and nothing is left running", async () => {
  const home = join(directory.path, "no-java");
  const settings = { ...readSettings({ PATH: "/nowhere" }), javaFolders: [] };

  const attempt = startSmallStack(home, { settings });

  await expect(attempt).rejects.toThrow(
    /^DynamoDB Local needs Java 17 or later: `(apt-get|brew) install [^\n]*$/,
  );
  // The claim is free again: another start fails in the same way and not for being the second.
  await expect(startSmallStack(home, { settings })).rejects.toThrow("needs Java");
});
