import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsClient } from "aws4fetch";
import * as z from "zod/mini";
import type { S3Server } from "../../src/buckets.ts";
import { type DynamodbServer, dynamodbCalls } from "../../src/dynamodb/call.ts";
import { bucketName } from "../../src/names.ts";
import type { Manifest } from "../../src/stack/manifest.ts";
import { type Stack, type StackOptions, startStack } from "../../src/stack.ts";

type LiveTable = DynamodbServer & { table: string };

const small = { memoryMb: 256, timeoutSeconds: 10 };

/** Functions that write down what they were given (test/stack/handlers), on each kind of trigger. */
export const manifest: Manifest = {
  functions: {
    "on-object": { ...small, handler: "on-object" },
    "on-stream": { ...small, handler: "on-stream" },
    "on-schedule": { ...small, handler: "on-schedule" },
    hello: { ...small, handler: "hello" },
  },
  routes: [
    { route: { method: "GET", path: "/hello", access: "public" }, function: "hello" },
    { route: { method: "GET", path: "/private", access: "user" }, function: "hello" },
  ],
  objectTriggers: [{ bucket: "uploads", prefix: "users/", function: "on-object" }],
  streamTriggers: [
    { function: "on-stream", events: ["REMOVE"], entities: ["job"], batchSize: 10, retries: 1 },
  ],
  schedules: [{ function: "on-schedule", everyMinutes: 60 }],
  sourceDirectory: join(import.meta.dirname, "handlers"),
};

export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "t2m-stack-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A test stack with the functions above. */
export function startSmallStack(directory: string, options: Partial<StackOptions> = {}): Promise<Stack> {
  return startStack({
    directory: join(directory, "state"),
    mode: "test",
    manifest,
    retryDelaysMs: [10, 20],
    environment: { OUTPUT: join(directory, "seen.jsonl") },
    ...options,
  });
}

export async function putObject(s3: S3Server, stage: string, key: string): Promise<void> {
  const client = new AwsClient({ ...s3.credentials, region: s3.region, service: "s3", retries: 0 });
  const name = bucketName(stage, "uploads", s3.region);
  const path = key.split("/").map(encodeURIComponent).join("/");
  const response = await client.fetch(`${s3.endpoint}/${name}/${path}`, { method: "PUT", body: "text" });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

export async function putItem(live: LiveTable, name: string, expiresAt = 4_000_000_000): Promise<void> {
  const Item = {
    pk: { S: "user#one" },
    sk: { S: name },
    entity: { S: "job" },
    expiresAt: { N: String(expiresAt) },
  };
  await dynamodbCalls(live)("PutItem", { TableName: live.table, Item }, z.unknown());
}

export async function hasItem(live: LiveTable, name: string): Promise<boolean> {
  const Key = { pk: { S: "user#one" }, sk: { S: name } };
  const answer = await dynamodbCalls(live)(
    "GetItem",
    { TableName: live.table, Key, ConsistentRead: true },
    z.object({ Item: z.optional(z.unknown()) }),
  );
  return answer.Item !== undefined;
}

/** What the functions have written down. */
export function seenBy(directory: string, name: string): Record<string, unknown>[] {
  try {
    const lines = readFileSync(join(directory, "seen.jsonl"), "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line)).filter((seen) => seen.function === name);
  } catch {
    return [];
  }
}
