import type { Environment } from "@t2m/contract/environment";
import {
  type FunctionName,
  type FunctionSpec,
  functions,
  objectTriggers,
  schedules,
  streamTriggers,
} from "@t2m/functions/manifest";
import type * as z from "zod/mini";
import type { Artifacts } from "./artifacts.ts";
import type { StageConfig } from "./config.ts";
import type { Layers } from "./layers.ts";
import { consumeStream, sendTo, useItems, useObjects } from "./lib/can.ts";
import { componentName } from "./lib/names.ts";
import type { Storage } from "./storage.ts";
import type { Tables } from "./tables.ts";

export type Functions = Record<FunctionName, sst.aws.Function>;
type Deps = {
  storage: Storage;
  tables: Tables;
  layers: Layers;
  failures: sst.aws.Queue;
  artifacts: Artifacts;
};

/** One function for each line of the manifest, with a role that holds its grants and no more. */
export function createFunctions(cfg: StageConfig, deps: Deps): Functions {
  const specs: [string, FunctionSpec][] = Object.entries(functions);
  const created = specs.map(([name, spec]) => [name, createFunction(cfg, deps, name, spec)]);
  return Object.fromEntries(created);
}

function createFunction(cfg: StageConfig, deps: Deps, name: string, spec: FunctionSpec) {
  return new sst.aws.Function(componentName(name), {
    name: `${cfg.stage}-t2m-${name}`,
    bundle: deps.artifacts.bundleOf(name),
    handler: "index.handler",
    runtime: "nodejs24.x",
    // The binaries of the layer are for x86_64; the rest costs a fifth less on arm64.
    architecture: spec.layers ? "x86_64" : "arm64",
    memory: `${spec.memoryMb} MB`,
    timeout: `${spec.timeoutSeconds} seconds`,
    storage: `${spec.diskMb ?? 512} MB`,
    environment: environmentOf(cfg, deps, spec),
    permissions: permissionsOf(deps, name, spec),
    ...(spec.layers ? { layers: spec.layers.map((layer) => deps.layers[layer].arn) } : {}),
    ...(spec.concurrency ? { concurrency: { reserved: spec.concurrency } } : {}),
    // Only the signed requests of the CDN get in; there is no CDN yet, so nobody does.
    ...(spec.streaming ? { streaming: true, url: { authorization: "iam", cors: false } } : {}),
    ...(isAsynchronous(name) ? retriesThenFailures(deps) : {}),
  });
}

/** Started by events that nobody waits for. */
function isAsynchronous(name: string) {
  return [...objectTriggers, ...schedules].some((trigger) => trigger.function === name);
}

function retriesThenFailures({ failures }: Deps) {
  const destinationConfig = { onFailure: { destination: failures.arn } };
  return { retries: 2, transform: { eventInvokeConfig: { destinationConfig } } };
}

function permissionsOf(deps: Deps, name: string, spec: FunctionSpec) {
  // Only what runs by the clock looks for items by the time they are due.
  const index = schedules.some((schedule) => schedule.function === name) ? "due" : undefined;
  const follows = streamTriggers.some((trigger) => trigger.function === name);
  return [
    ...spec.grants.flatMap((grant) =>
      "table" in grant
        ? useItems(deps.tables[grant.table], grant.actions, index)
        : useObjects(deps.storage[grant.bucket], grant.actions, grant.prefix),
    ),
    ...(follows ? [consumeStream(deps.tables.live)] : []),
    ...(follows || isAsynchronous(name) ? [sendTo(deps.failures)] : []),
  ];
}

type Variables = Record<
  Exclude<keyof z.infer<typeof Environment>, "T2M_FFMPEG" | "T2M_FFPROBE" | `T2M_DATABASE_${string}`>,
  $util.Input<string>
>;

function environmentOf(cfg: StageConfig, { storage, tables }: Deps, spec: FunctionSpec) {
  const variables: Variables = {
    T2M_STAGE: cfg.stage,
    T2M_LIVE_TABLE: tables.live.name,
    T2M_BUCKET_UPLOADS: storage.uploads.name,
    T2M_BUCKET_VIDEOS: storage.videos.name,
    T2M_BUCKET_CODE: storage.code.name,
    T2M_BUCKET_THUMBNAILS: storage.thumbnails.name,
    T2M_BUCKET_TEMP: storage.temp.name,
    T2M_ISSUER: cfg.issuer,
    T2M_AUDIENCE: cfg.audience,
    T2M_MAXIMUM_UPLOAD_BYTES: String(cfg.maximumUploadBytes),
    T2M_MAXIMUM_MEDIA_SECONDS: String(cfg.maximumMediaSeconds),
    T2M_RETENTION_SECONDS: String(cfg.retentionSeconds),
    T2M_LEASE_SECONDS: String(cfg.leaseSeconds),
  };
  if (!spec.layers?.includes("ffmpeg")) return variables;
  return { ...variables, T2M_FFMPEG: "/opt/bin/ffmpeg", T2M_FFPROBE: "/opt/bin/ffprobe" };
}
