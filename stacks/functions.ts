import type { Environment } from "@t2m/contract/environment";
import {
  type FunctionName,
  type FunctionSpec,
  functions,
  type Grant,
  objectTriggers,
  schedules,
  streamTriggers,
} from "@t2m/functions/manifest";
import type * as z from "zod/mini";
import type { Artifacts } from "./artifacts.ts";
import type { StageConfig } from "./config.ts";
import type { Database } from "./database.ts";
import type { Layers } from "./layers.ts";
import {
  consumeStream,
  manageDatabase,
  type Permission,
  sendTo,
  useItems,
  useKey,
  useObjects,
  useSecret,
} from "./lib/can.ts";
import { componentName } from "./lib/names.ts";
import type { Secrets } from "./secrets.ts";
import type { Security } from "./security.ts";
import type { Storage } from "./storage.ts";
import type { Tables } from "./tables.ts";

export type Functions = Record<FunctionName, sst.aws.Function>;
type Deps = {
  security: Security;
  storage: Storage;
  secrets: Secrets;
  database: Database;
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
    permissions: permissionsOf(cfg, deps, name, spec),
    ...(spec.layers ? { layers: spec.layers.map((layer) => deps.layers[layer].arn) } : {}),
    ...limitOf(cfg, spec),
    // Only the signed requests of the CDN get in.
    ...(spec.streaming ? { streaming: true, url: { authorization: "iam", cors: false } } : {}),
    ...(isAsynchronous(name) ? retriesThenFailures(deps) : {}),
  });
}

function limitOf(cfg: StageConfig, spec: FunctionSpec) {
  const reserved = spec.layers?.includes("ffmpeg") ? cfg.convertersAtOnce : spec.concurrency;
  return reserved ? { concurrency: { reserved } } : {};
}

/** Started by events that nobody waits for. */
function isAsynchronous(name: string) {
  return [...objectTriggers, ...schedules].some((trigger) => trigger.function === name);
}

function retriesThenFailures({ failures }: Deps) {
  const destinationConfig = { onFailure: { destination: failures.arn } };
  return { retries: 2, transform: { eventInvokeConfig: { destinationConfig } } };
}

function permissionsOf(cfg: StageConfig, deps: Deps, name: string, spec: FunctionSpec): Permission[] {
  // Only what runs by the clock looks for items by the time they are due.
  const index = schedules.some((schedule) => schedule.function === name) ? "due" : undefined;
  const follows = streamTriggers.some((trigger) => trigger.function === name);
  return [
    ...spec.grants.flatMap((grant) => permissionsFor(deps, grant, index)),
    ...keysFor(cfg, deps, spec.grants),
    ...(follows ? [consumeStream(deps.tables.live)] : []),
    ...(follows || isAsynchronous(name) ? [sendTo(deps.failures)] : []),
  ];
}

function permissionsFor(deps: Deps, grant: Grant, index: string | undefined): Permission[] {
  if ("table" in grant) return useItems(deps.tables[grant.table], grant.actions, index);
  if ("bucket" in grant) return useObjects(deps.storage[grant.bucket], grant.actions, grant.prefix);
  if ("secret" in grant) return [useSecret(deps.secrets[grant.secret], grant.actions)];
  return [manageDatabase(deps.database.instance, grant.actions)];
}

/** What a service does with a key it does in the name of who asked, so that one needs the key, too. */
function keysFor(cfg: StageConfig, { security }: Deps, grants: readonly Grant[]): Permission[] {
  const { data, secrets } = security.keys;
  const through = (service: string) => `${service}.${cfg.region}.amazonaws.com`;
  const allowed = grants.flatMap((grant) => ("bucket" in grant ? grant.actions : []));
  const puts = allowed.includes("PutObject");
  return [
    ...(grants.some((grant) => "table" in grant) ? [useKey(data, ["Decrypt"], through("dynamodb"))] : []),
    // The parts of an upload are opened again as they are put together.
    ...(puts ? [useKey(data, ["Decrypt", "GenerateDataKey"], through("s3"))] : []),
    ...(!puts && allowed.includes("GetObject") ? [useKey(data, ["Decrypt"], through("s3"))] : []),
    ...(grants.some((grant) => "secret" in grant)
      ? [useKey(secrets, ["Decrypt", "GenerateDataKey"], through("secretsmanager"))]
      : []),
  ];
}

type Variables = Record<
  Exclude<keyof z.infer<typeof Environment>, "T2M_FFMPEG" | "T2M_FFPROBE">,
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
