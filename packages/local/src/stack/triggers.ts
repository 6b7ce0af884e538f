import { join } from "node:path";
import type { S3Server } from "../buckets.ts";
import { type Expiry, startExpiry } from "../dynamodb/expiry.ts";
import type { Pool } from "../lambda/pool.ts";
import type { OnEvent } from "../s3/outbox.ts";
import { type Schedules, startSchedules } from "../schedule/schedules.ts";
import { Mapping } from "../stream/mapping.ts";
import type { Failures } from "./failures.ts";
import { ForeignObjects } from "./foreign-objects.ts";
import type { Log } from "./log.ts";
import type { Manifest } from "./manifest.ts";
import type { LiveTable } from "./parts.ts";
import type { Shutdown } from "./shutdown.ts";

export type TriggersOptions = {
  manifest: Manifest;
  directory: string;
  stage: string;
  dynamodb: LiveTable;
  /** Another S3 server than ours, which does not call us. */
  foreignS3: S3Server | undefined;
  onEvent: OnEvent;
  pools: ReadonlyMap<string, Pool>;
  /** Whether functions that use Postgres can; the stream waits for them until then. */
  hasRecord: Promise<boolean>;
  isTimed: boolean;
  retryDelaysMs?: readonly number[];
  failures: Failures;
  log: Log;
  shutdown: Shutdown;
};

const expiryEverySeconds = 10;
const lookForObjectsMs = 1_000;

/** Starts what makes functions run unasked: expiry and the table's stream, the clock, another server's objects. */
export function startTriggers(options: TriggersOptions): { expiry: Expiry; schedules: Schedules } {
  const { manifest, directory, stage, dynamodb, foreignS3, isTimed, log, shutdown } = options;
  const expiry = startExpiry({
    server: dynamodb,
    table: dynamodb.table,
    statePath: join(directory, "state/expired.json"),
    ...(isTimed ? { everySeconds: expiryEverySeconds } : {}),
    log: (line) => log("expiry", line, "warning"),
  });
  shutdown.add("work", expiry.stop);
  for (const trigger of manifest.streamTriggers) {
    if (!manifest.functions[trigger.function]?.database) startMapping(options, trigger, expiry);
    else shutdown.add("work", startWithRecord(options, trigger, expiry));
  }

  const schedules = startSchedules({
    schedules: manifest.schedules,
    region: dynamodb.region,
    invoke: (name, event) => poolOf(options.pools, name).invokeAsync(event).finished,
    isTimed,
    log: (line) => log("schedule", line, "warning"),
  });
  shutdown.add("front", schedules.stop);

  if (foreignS3) {
    const objects = new ForeignObjects({
      server: foreignS3,
      stage,
      triggers: manifest.objectTriggers,
      onEvent: options.onEvent,
      statePath: join(directory, "state/objects.json"),
      everyMs: lookForObjectsMs,
      log: (line) => log("s3", line, "warning"),
    });
    shutdown.add("front", () => objects.stop());
  }
  return { expiry, schedules };
}

type StreamTrigger = Manifest["streamTriggers"][number];

/** Gives how to stop, or not to start any more. */
function startWithRecord(options: TriggersOptions, trigger: StreamTrigger, expiry: Expiry) {
  let isStopped = false;
  void options.hasRecord.then((isThere) => {
    if (isThere && !isStopped) startMapping(options, trigger, expiry);
  });
  return () => {
    isStopped = true;
  };
}

function startMapping(options: TriggersOptions, trigger: StreamTrigger, expiry: Expiry) {
  const { directory, dynamodb, pools, failures, log, shutdown } = options;
  const { function: name, ...rules } = trigger;
  const pool = poolOf(pools, name);
  const mapping = new Mapping({
    ...rules,
    server: dynamodb,
    streamArn: dynamodb.streamArn,
    name,
    invoke: (event) => pool.invoke(event),
    ...(options.retryDelaysMs ? { retryDelaysMs: options.retryDelaysMs } : {}),
    hasExpired: expiry.hasExpired,
    statePath: join(directory, `state/stream-${name}.json`),
    onFailure: (failure) => failures.record(name, failure),
    log: (line) => log("stream", line, "warning"),
  });
  shutdown.add("work", () => mapping.stop());
}

/** @throws Error where there is no function of that name */
export function poolOf(pools: ReadonlyMap<string, Pool>, name: string): Pool {
  const pool = pools.get(name);
  if (!pool) throw new Error(`There is no function named ${name}`);
  return pool;
}
