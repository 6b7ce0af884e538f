import { join } from "node:path";
import type { S3Server } from "./buckets.ts";
import type { Expiry } from "./dynamodb/expiry.ts";
import { functionEnvironment } from "./environment.ts";
import type { Pool } from "./lambda/pool.ts";
import { claimRun } from "./processes/run.ts";
import type { OnEvent } from "./s3/outbox.ts";
import type { S3Server as RunningS3, S3Options } from "./s3/server.ts";
import type { Schedules } from "./schedule/schedules.ts";
import { readSettings, type Settings } from "./settings.ts";
import { type Failures, openFailures } from "./stack/failures.ts";
import { audience, openFront, tokenFor } from "./stack/front.ts";
import { bundle, openPools } from "./stack/functions.ts";
import type { Log } from "./stack/log.ts";
import { type Manifest, manifest as ours } from "./stack/manifest.ts";
import { objectTriggers } from "./stack/objects.ts";
import { buildPage } from "./stack/page.ts";
import {
  choosePostgres,
  type LiveTable,
  openDynamodb,
  openPostgres,
  openRecord,
  openS3,
} from "./stack/parts.ts";
import { choosePort } from "./stack/port.ts";
import { Shutdown } from "./stack/shutdown.ts";
import { poolOf, startTriggers } from "./stack/triggers.ts";

export type StackOptions = {
  /** Holds its whole state; one stack at a time. */
  directory: string;
  /**
   * `dev` keeps everything over a restart, stays on its port, runs schedules and expiry by the clock, and so
   * on. `test` keeps DynamoDB in memory, takes a free port and does nothing unasked.
   */
  mode: "dev" | "test";
  port?: number;
  /** In the names of buckets and table. */
  stage?: string;
  /** Variables of functions to add or change. */
  environment?: Readonly<Record<string, string>>;
  /** Pauses between the attempts of failed events; Lambda's and the stream's own where absent. */
  retryDelaysMs?: readonly number[];
  /** Whether handlers and page are built anew when they change; they are in `dev`. */
  isWatching?: boolean;
  /** Whether Postgres starts too; it does in `dev`. */
  hasPostgres?: boolean;
  /** Whether the page and the reference are built and served; they are in `dev`. */
  hasPage?: boolean;
  /** Other functions than the system's. */
  manifest?: Manifest;
  /** What the developer's environment says. */
  settings?: Settings;
  log?: Log;
  /** Told of each request to our S3 server once it is answered. */
  onS3Request?: NonNullable<S3Options["onRequest"]>;
  /**
   * By the function: what it signs with in the place of the stack's own access key id, so that who looks on can tell
   * who asks. Where another S3 server is used, which knows none of them, they are left aside.
   */
  accessKeyIds?: ReadonlyMap<string, string>;
};

export type Stack = {
  /** Where the page is; the API is below `/api`. */
  url: string;
  apiUrl: string;
  issuerUrl: string;
  stage: string;
  /** What every function is given. */
  environment: Readonly<Record<string, string>>;
  /** `running` is ours, with its faults for tests; undefined where another server is used. */
  s3: S3Server & { running: RunningS3 | undefined };
  dynamodb: LiveTable;
  /** Postgres with the newest schema, or undefined where there is none. It may still be starting. */
  database: Promise<{ url: string } | undefined>;
  pools: ReadonlyMap<string, Pool>;
  schedules: Pick<Schedules, "runNow">;
  expiry: Pick<Expiry, "expireNow">;
  /** What functions gave up after all retries. */
  failures: Pick<Failures, "list">;
  /** What a killed run before it had left behind and this one ended. */
  reaped: readonly string[];
  readyMs: number;
  /** A bearer token for the person of this name. */
  tokenFor: (name: string) => Promise<string>;
  /** Whether others find this stack in its directory. */
  publish: (isOpen: boolean) => void;
  stop: () => Promise<void>;
};

/**
 * Starts the whole system on this machine.
 * @throws AlreadyRunning, JavaMissing, BundleError, or Error; nothing is left running then
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const shutdown = new Shutdown();
  try {
    return await start(options, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function start(options: StackOptions, shutdown: Shutdown): Promise<Stack> {
  const began = performance.now();
  const place = await choosePlace(options, shutdown);
  const { run, url, issuerUrl, stage } = place;
  // S3 may have events of an earlier run for functions that are not there yet.
  const later = Promise.withResolvers<ReadonlyMap<string, Pool>>();
  const onEvent = objectTriggers({
    triggers: place.manifest.objectTriggers,
    stage,
    region: place.settings.region,
    invoke: async (name, event) => poolOf(await later.promise, name).invokeAsync(event).finished,
  });
  const parts = await openParts(options, place, onEvent);
  const functions = openFunctions(options, place, parts);
  later.resolve(functions.pools);
  const foreignS3 = parts.s3.running ? undefined : parts.s3;
  const shared = { ...place, ...parts, ...functions };
  const triggers = startTriggers({ ...shared, foreignS3, onEvent });
  await openFront({ ...shared, audience, s3Endpoint: parts.s3.endpoint });
  run.publish(url);
  return {
    ...{ url, apiUrl: `${url}/api`, issuerUrl, stage },
    ...{ s3: parts.s3, dynamodb: parts.dynamodb, database: parts.database },
    ...functions,
    ...triggers,
    tokenFor: (name) => tokenFor(issuerUrl, name),
    publish: (isOpen) => run.publish(isOpen ? url : undefined),
    reaped: run.reaped,
    readyMs: Math.round(performance.now() - began),
    stop: () => shutdown.run(),
  };
}

/** What is said before anything starts: whose directory, which address, which stage. */
async function choosePlace(options: StackOptions, shutdown: Shutdown) {
  const { directory, mode, manifest = ours, settings = readSettings(), log = () => {} } = options;
  const isDev = mode === "dev";
  const run = await claimRun(directory);
  shutdown.add("claim", run.close);
  const port = await choosePort({ directory, port: options.port ?? settings.port, isStable: isDev });
  const url = `http://127.0.0.1:${port}`;
  return {
    ...{ directory, manifest, settings, log, run, shutdown, url },
    stage: options.stage ?? (isDev ? "local" : "test"),
    issuerUrl: `${url}/issuer`,
    origins: [url, `http://localhost:${port}`],
    isDurable: isDev,
    isTimed: isDev,
    isWatching: options.isWatching ?? isDev,
    hasPage: options.hasPage ?? isDev,
    hasPostgres: options.hasPostgres ?? isDev,
    ...(options.retryDelaysMs && { retryDelaysMs: options.retryDelaysMs }),
  };
}
type Place = Awaited<ReturnType<typeof choosePlace>>;

/** The servers, the bundles and the page, side by side. Nobody waits for Postgres. */
async function openParts(options: StackOptions, place: Place, onEvent: OnEvent) {
  const { manifest, log, shutdown } = place;
  const chosen = place.hasPostgres ? await choosePostgres(place.settings) : undefined;
  const postgres = chosen ? openPostgres(place, chosen) : Promise.resolve(undefined);
  const usesRecord = Object.values(manifest.functions).some((spec) => spec.database);
  const hasRecord = usesRecord ? openRecord(postgres, log) : Promise.resolve(false);
  const [s3, dynamodb, bundles, pageDirectory] = await together(
    openS3(place, {
      onEvent,
      ...(options.onS3Request && { onRequest: options.onS3Request }),
      ...(options.accessKeyIds && { otherAccessKeyIds: new Set(options.accessKeyIds.values()) }),
    }),
    openDynamodb(place),
    bundle(place),
    place.hasPage ? buildPage(place) : Promise.resolve(undefined),
  );
  shutdown.add("front", bundles.stop);
  return {
    ...{ s3, dynamodb, bundles, hasRecord, database: hasRecord.then(() => postgres) },
    ...(chosen && { databaseUrl: chosen.url }),
    ...(pageDirectory && { pageDirectory }),
  };
}
type Parts = Awaited<ReturnType<typeof openParts>>;

/** A pool of sandboxes for each function, with what they are told. */
function openFunctions(options: StackOptions, place: Place, parts: Parts) {
  const environment = {
    ...functionEnvironment({
      ...place.settings,
      stage: place.stage,
      s3Endpoint: parts.s3.endpoint,
      dynamodbEndpoint: parts.dynamodb.endpoint,
      issuer: place.issuerUrl,
      audience,
    }),
    ...place.settings.functionVariables,
    ...options.environment,
  };
  const failures = openFailures(join(place.directory, "on-failure"), place.log);
  const { accessKeyIds } = options;
  const ownKeys = accessKeyIds && parts.s3.running ? { accessKeyIds } : {};
  const pools = openPools({ ...place, ...parts, ...ownKeys, environment, failures });
  return { environment, failures, pools };
}

/** As Promise.all, but a failure is thrown when nothing is starting any more, so that all can be stopped. */
async function together<T extends readonly unknown[]>(
  ...starts: { [K in keyof T]: Promise<T[K]> }
): Promise<{ [K in keyof T]: T[K] }> {
  const results = await Promise.allSettled(starts);
  for (const result of results) if (result.status === "rejected") throw result.reason;
  return Promise.all(starts);
}
