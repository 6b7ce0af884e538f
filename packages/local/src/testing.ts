import { randomUUID } from "node:crypto";
import { migrate } from "@t2m/core/database/migrate";
import { migrations } from "@t2m/core/database/migrations.gen";
import postgres from "postgres";
import { inject } from "vitest";
import * as z from "zod/mini";
import { createBuckets, type S3Server } from "./buckets.ts";
import type { DynamodbServer } from "./dynamodb/call.ts";
import { createLiveTable } from "./dynamodb/table.ts";
import { functionEnvironment } from "./environment.ts";
import { readSettings } from "./settings.ts";
import { tokenFor } from "./stack/front.ts";
import type { Refusal } from "./testing/control.ts";
import type {} from "./testing/services-setup.ts";
import type { SharedStackFacts } from "./testing/stack-setup.ts";

/** S3 and DynamoDB with a table and buckets of the test file's own. */
export type Services = {
  stage: string;
  region: string;
  s3: S3Server;
  dynamodb: DynamodbServer;
  /** The live table's name and the ARN of its stream. */
  table: string;
  streamArn: string;
  /** What a function is given; set in this process too, so that `@t2m/core/config` finds it. */
  environment: Record<string, string>;
};

const Endpoints = z.object({ s3Endpoint: z.string(), dynamodbEndpoint: z.string() });

/**
 * Real parts for a test file: call it once in `beforeAll`, before anything reads `@t2m/core/config`. The servers
 * are shared by the whole run and stop with it; the stage (table, buckets) is this file's alone.
 * @param overrides variables to add or change
 */
export async function startServices(overrides: Record<string, string> = {}): Promise<Services> {
  const response = await fetch(inject("servicesUrl"));
  if (!response.ok) throw new Error(await response.text());
  const { s3Endpoint, dynamodbEndpoint } = Endpoints.parse(await response.json());
  const { region, credentials } = readSettings();
  const stage = `test-${randomUUID().slice(0, 8)}`;
  const environment = {
    ...functionEnvironment({
      stage,
      region,
      credentials,
      s3Endpoint,
      dynamodbEndpoint,
      issuer: "http://127.0.0.1:1/issuer",
      audience: "t2m",
    }),
    ...overrides,
  };
  const table = environment.T2M_LIVE_TABLE;
  const dynamodb = { endpoint: dynamodbEndpoint, region, credentials };
  const s3 = { endpoint: s3Endpoint, region, credentials };
  const [streamArn] = await Promise.all([
    createLiveTable(dynamodb, table),
    createBuckets(s3, stage, ["http://localhost:3000"]),
  ]);
  Object.assign(process.env, environment);
  return { stage, region, s3, dynamodb, table, streamArn, environment };
}

/**
 * A Postgres database of the test file's own, with the newest schema unless `isEmpty`: call it once in `beforeAll`,
 * before anything reads `@t2m/core/config`. The server is shared by the whole run. Gives its URL. Where the file asked
 * for no services, S3 and DynamoDB are nowhere.
 */
export async function startDatabase({ isEmpty = false } = {}): Promise<string> {
  const response = await fetch(`${inject("servicesUrl")}/database`);
  if (!response.ok) throw new Error(await response.text());
  const server = z.parse(z.object({ url: z.url(), functionsUrl: z.url() }), await response.json());
  const name = `test_${randomUUID().slice(0, 8)}`;
  const admin = postgres(server.url, { max: 1, onnotice: () => {} });
  await admin`create database ${admin(name)}`;
  await admin.end();
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  if (!isEmpty) {
    const sql = postgres(url.href, { max: 1, onnotice: () => {} });
    await migrate(sql, migrations);
    await sql.end();
  }
  const { region, credentials } = readSettings();
  const nowhere = "http://127.0.0.1:1";
  const services = { s3Endpoint: nowhere, dynamodbEndpoint: nowhere };
  const others = {
    stage: "test",
    region,
    credentials,
    ...services,
    issuer: `${nowhere}/issuer`,
    audience: "t2m",
  };
  for (const [name, value] of Object.entries(functionEnvironment(others))) process.env[name] ??= value;
  const functionsUrl = new URL(server.functionsUrl);
  functionsUrl.pathname = url.pathname;
  process.env.T2M_DATABASE_URL = functionsUrl.href;
  return url.href;
}

/** The whole stack that `*.stack.test.ts` files share. */
export type SharedStack = SharedStackFacts & {
  /** A bearer token for the person of this name; a name of one's own keeps a test's items apart. */
  tokenFor: (name: string) => Promise<string>;
  /** Deletes what has expired, as DynamoDB would, and says how many items it was. */
  expireNow: () => Promise<number>;
  /** Runs a schedule's function and waits for it. */
  runSchedule: (name: string) => Promise<void>;
  /** What functions gave up after all retries. */
  failures: () => Promise<{ function: string; failure: unknown }[]>;
  /** The processes of a function, for tests that kill one. */
  sandboxes: (name: string) => Promise<{ pid?: number | undefined; state: string }[]>;
  /** What S3 has answered so far about objects in whose path this occurs, oldest first. */
  s3Requests: (keyPart: string) => Promise<S3Request[]>;
  /** Has S3 refuse the next such requests. */
  refuseAtS3: (refusal: Refusal) => Promise<void>;
};

const S3Request = z.object({
  method: z.string(),
  path: z.string(),
  query: z.string(),
  status: z.int(),
  bytesIn: z.number(),
  bytesOut: z.number(),
});
export type S3Request = z.infer<typeof S3Request>;

/** The stack that was started for all files named `*.stack.test.ts`. */
export function sharedStack(): SharedStack {
  const facts = inject("stack");
  const control = async <Schema extends z.ZodMiniType>(
    path: string,
    schema: Schema,
  ): Promise<z.infer<Schema>> => {
    const response = await fetch(`${facts.controlUrl}/${path}`);
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return z.parse(schema, JSON.parse(text));
  };
  return {
    ...facts,
    tokenFor: (name) => tokenFor(facts.issuerUrl, name),
    expireNow: () => control("expireNow", z.number()),
    runSchedule: async (name) => {
      await control(`runSchedule/${encodeURIComponent(name)}`, z.null());
    },
    failures: () => control("failures", z.array(z.object({ function: z.string(), failure: z.unknown() }))),
    sandboxes: (name) =>
      control(
        `sandboxes/${encodeURIComponent(name)}`,
        z.array(z.object({ pid: z.optional(z.number()), state: z.string() })),
      ),
    s3Requests: (keyPart) => control(`s3Requests/${encodeURIComponent(keyPart)}`, z.array(S3Request)),
    refuseAtS3: async (refusal) => {
      await control(`refuseAtS3/${encodeURIComponent(JSON.stringify(refusal))}`, z.null());
    },
  };
}
