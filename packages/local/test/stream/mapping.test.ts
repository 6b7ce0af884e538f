import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as z from "zod/mini";
import { type Call, dynamodbCalls } from "../../src/dynamodb/call.ts";
import { type Expiry, startExpiry } from "../../src/dynamodb/expiry.ts";
import type { Invoke } from "../../src/stream/deliver.ts";
import { Mapping, type StreamFailure } from "../../src/stream/mapping.ts";
import type { StreamRecord } from "../../src/stream/record.ts";
import { type Services, startServices } from "../../src/testing.ts";

let services: Services;
let call: Call;
let directory: string;
let expiry: Expiry;
let stopMapping: () => Promise<void>;
let failures: StreamFailure[];

beforeEach(async () => {
  services = await startServices();
  directory = mkdtempSync(join(tmpdir(), "t2m-mapping-"));
  call = dynamodbCalls(services.dynamodb);
  expiry = startExpiry({
    server: services.dynamodb,
    table: services.table,
    statePath: join(directory, "expired.json"),
    log: () => {},
  });
  failures = [];
  stopMapping = async () => {};
});
afterEach(async () => {
  await stopMapping();
  await expiry.stop();
  rmSync(directory, { recursive: true });
});

function startMapping(invoke: Invoke, retries = 1): void {
  const mapping = new Mapping({
    server: services.dynamodb,
    streamArn: services.streamArn,
    name: "test",
    invoke,
    events: ["INSERT", "REMOVE"],
    entities: ["job"],
    batchSize: 8,
    retries,
    retryDelaysMs: [5],
    hasExpired: expiry.hasExpired,
    statePath: join(directory, "progress.json"),
    onFailure: (failure) => failures.push(failure),
    log: () => {},
  });
  stopMapping = () => mapping.stop();
}

async function put(name: string, attributes: { entity?: string; expiresAt?: number } = {}): Promise<void> {
  const { entity = "job", expiresAt = 4_000_000_000 } = attributes;
  const Item = {
    pk: { S: "user#one" },
    sk: { S: name },
    entity: { S: entity },
    expiresAt: { N: String(expiresAt) },
    bytes: { B: "AAEC" },
  };
  await call("PutItem", { TableName: services.table, Item }, z.unknown());
}

async function putAll(names: readonly string[]): Promise<void> {
  for (const name of names) await put(name);
}

const nameOf = (record: StreamRecord) => String(record.dynamodb.Keys.sk?.S);
const namesOf = (records: readonly StreamRecord[]) => records.map(nameOf);
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `item ${index}`);

test("records come in order, in batches, and only those the function wants, in Lambda's shape", async () => {
  const seen: StreamRecord[][] = [];
  await put("an upload", { entity: "upload" });
  await putAll(numbered(20));

  startMapping(async ({ Records }) => {
    seen.push([...Records]);
    return { payload: null };
  });

  await expect.poll(() => seen.flat().length).toBe(20);
  await put("another upload", { entity: "upload" });
  await put("the last");
  await expect.poll(() => seen.flat().length).toBe(21);
  // What nobody wants calls nobody: no batch is empty.
  expect(seen.map((batch) => batch.length)).not.toContain(0);
  expect(namesOf(seen.flat().slice(0, 20))).toEqual(numbered(20));
  expect(Math.max(...seen.map((batch) => batch.length))).toBe(8);
  expect(seen[0]?.[0]).toMatchObject({
    eventName: "INSERT",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: services.region,
    dynamodb: {
      ApproximateCreationDateTime: expect.closeTo(Date.now() / 1000, -3),
      Keys: { pk: { S: "user#one" }, sk: { S: "item 0" } },
      NewImage: { bytes: { B: "AAEC" }, entity: { S: "job" } },
      SequenceNumber: expect.stringMatching(/^\d+$/),
      StreamViewType: "NEW_AND_OLD_IMAGES",
    },
  });
  expect(seen[0]?.[0]).not.toHaveProperty("userIdentity");
});

test("after a partial failure the batch comes again from the first failure on", async () => {
  const seen: string[][] = [];
  await putAll(numbered(6));

  startMapping(async ({ Records }) => {
    seen.push(namesOf(Records));
    const third = Records.find((record) => nameOf(record) === "item 2");
    const isFirst = seen.length === 1 && third;
    return {
      payload: {
        batchItemFailures: isFirst ? [{ itemIdentifier: third.dynamodb.SequenceNumber }] : [],
      },
    };
  });

  await expect.poll(() => seen).toEqual([numbered(6), numbered(6).slice(2)]);
  expect(failures).toEqual([]);
});

test("one record that always fails is tried alone, given up and recorded; its neighbours go through once, in order", async () => {
  const done: string[] = [];
  let tries = 0;
  await putAll(numbered(8));

  startMapping(async ({ Records }) => {
    const names = namesOf(Records);
    if (names.length === 1 && names[0] === "item 5") tries += 1;
    if (names.includes("item 5")) throw new Error("cannot");
    done.push(...names);
    return { payload: null };
  }, 3);

  await expect.poll(() => done).toContain("item 7");
  expect(done).toEqual(numbered(8).filter((name) => name !== "item 5"));
  expect(tries).toBe(4);
  expect(failures).toMatchObject([
    {
      requestContext: {
        condition: "RetryAttemptsExhausted",
        approximateInvokeCount: 4,
        functionName: "test",
      },
      DDBStreamBatchInfo: { batchSize: 1, streamArn: services.streamArn },
      record: { dynamodb: { Keys: { sk: { S: "item 5" } } } },
    },
  ]);
});

test("after a restart it reads on behind the last record dealt with", async () => {
  const seen: string[] = [];
  const note: Invoke = async ({ Records }) => {
    seen.push(...namesOf(Records));
    return { payload: null };
  };
  await putAll(numbered(3));
  startMapping(note);
  await expect.poll(() => seen.length).toBe(3);
  await stopMapping();
  await put("while it was away");

  startMapping(note);

  await expect.poll(() => seen).toContain("while it was away");
  expect(seen).toEqual([...numbered(3), "while it was away"]);
});

test("a batch interrupted by a stop comes again at the next start", async () => {
  await put("one");
  let begun = () => {};
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  startMapping(async () => {
    begun();
    return { payload: null, functionError: "Unhandled" };
  }, 1_000);
  await hasBegun;
  await stopMapping();
  const seen: string[] = [];

  startMapping(async ({ Records }) => {
    seen.push(...namesOf(Records));
    return { payload: null };
  });

  await expect.poll(() => seen).toEqual(["one"]);
});

test("what expired is deleted in the service's name, also when the record is read after a restart; a user's delete is not", async () => {
  const removed: StreamRecord[] = [];
  await put("expired", { expiresAt: 1_700_000_000 });
  await put("deleted");
  await put("kept");

  expect(await expiry.expireNow()).toBe(1);
  expect(await expiry.expireNow()).toBe(0);
  const Key = { pk: { S: "user#one" }, sk: { S: "deleted" } };
  await call("DeleteItem", { TableName: services.table, Key }, z.unknown());
  await expiry.stop();
  expiry = startExpiry({
    server: services.dynamodb,
    table: services.table,
    statePath: join(directory, "expired.json"),
    log: () => {},
  });
  startMapping(async ({ Records }) => {
    removed.push(...Records.filter(({ eventName }) => eventName === "REMOVE"));
    return { payload: null };
  });

  await expect.poll(() => namesOf(removed)).toEqual(["expired", "deleted"]);
  const [byExpiry, byHand] = removed;
  expect(byExpiry?.userIdentity).toEqual({ type: "Service", principalId: "dynamodb.amazonaws.com" });
  expect(byExpiry?.dynamodb.OldImage).toMatchObject({ entity: { S: "job" } });
  expect(byHand).not.toHaveProperty("userIdentity");
});
