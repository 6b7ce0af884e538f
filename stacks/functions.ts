import type { Environment } from "@t2m/contract/environment";
import { type FunctionName, objectTriggers, schedules, streamTriggers } from "@t2m/functions/manifest";
import type { FunctionSpec, Grant } from "@t2m/functions/manifest/spec";
import type * as z from "zod/mini";
import type { Artifacts } from "./artifacts.ts";
import type { StageConfig } from "./config.ts";
import { databaseAdministrator, databaseName, databaseUser } from "./database.ts";
import type { Layers } from "./layers.ts";
import {
  connectDatabase,
  consumeStream,
  manageDatabase,
  type Permission,
  sendTo,
  useItems,
  useKey,
  useNetwork,
  useObjects,
  useSecret,
} from "./lib/can.ts";
import { componentName } from "./lib/names.ts";
import { manifestOf } from "./manifest.ts";
import { createMigration } from "./migration.ts";
import type { Network } from "./network.ts";
import type { RecordPlane } from "./record.ts";
import type { Security } from "./security.ts";
import type { Storage } from "./storage.ts";
import type { Tables } from "./tables.ts";

/** Those of the manifest that the stage deploys: ask for others by `manifestOf` only. */
export type Functions = Record<FunctionName, sst.aws.Function>;
type Deps = {
  security: Security;
  storage: Storage;
  record: RecordPlane | undefined;
  tables: Tables;
  layers: Layers;
  failures: sst.aws.Queue;
  artifacts: Artifacts;
};

/**
 * One function for each line of the manifest, with a role that holds its grants and no more. Those that read and write
 * rows wait until the database has the schema that they know.
 */
export function createFunctions(cfg: StageConfig, deps: Deps): Functions {
  const specs = manifestOf(cfg).functions;
  const usesRows = ([, { database }]: (typeof specs)[number]) => database === "app";
  const create = (some: typeof specs, options: $util.ComponentResourceOptions = {}) =>
    Object.fromEntries(some.map(([name, spec]) => [name, createFunction(cfg, deps, name, spec, options)]));
  const others = create(specs.filter((each) => !usesRows(each))) as Functions;
  const before = deps.record ? [createMigration(deps.record, others)] : [];
  return { ...others, ...create(specs.filter(usesRows), { dependsOn: before }) };
}

function createFunction(
  cfg: StageConfig,
  deps: Deps,
  name: string,
  spec: FunctionSpec,
  options: $util.ComponentResourceOptions,
) {
  const args: sst.aws.FunctionArgs = {
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
    ...(spec.database && deps.record ? { vpc: placeOf(deps.record.network, spec.database) } : {}),
    // Only the signed requests of the CDN get in.
    ...(spec.streaming ? { streaming: true, url: { authorization: "iam", cors: false } } : {}),
    ...(isAsynchronous(name) ? retriesThenFailures(deps) : {}),
  };
  return new sst.aws.Function(componentName(name), args, options);
}

function placeOf({ subnets, groups }: Network, as: NonNullable<FunctionSpec["database"]>) {
  const group = as === "owner" ? groups.admin : groups.clients;
  return { privateSubnets: subnets.private.map(({ id }) => id), securityGroups: [group.id] };
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
  const follows = streamTriggers.some((trigger) => trigger.function === name);
  return [
    ...spec.grants.flatMap((grant) => permissionsFor(deps, grant)),
    ...databasePermissions(deps, spec),
    ...keysFor(cfg, deps, spec),
    ...(follows ? [consumeStream(deps.tables.live)] : []),
    ...(follows || isAsynchronous(name) ? [sendTo(deps.failures)] : []),
  ];
}

function permissionsFor(deps: Deps, grant: Grant): Permission[] {
  if ("table" in grant) return [useItems(deps.tables[grant.table], grant.actions, grant.index)];
  if ("bucket" in grant) return useObjects(deps.storage[grant.bucket], grant.actions, grant.prefix);
  if (!deps.record) return [];
  if ("secret" in grant) return [useSecret(deps.record.adminSecret, grant.actions)];
  return [manageDatabase(deps.record.database.instance, grant.actions)];
}

/** The owner signs in by its password: nobody could let it in by IAM before it was in. */
function databasePermissions({ record }: Deps, { database: as }: FunctionSpec): Permission[] {
  if (!as || !record) return [];
  const { database, adminSecret } = record;
  if (as === "owner") return [...useNetwork(), useSecret(adminSecret, ["GetSecretValue"])];
  const doors = [database.writer, ...(database.reader ? [database.reader] : [])];
  return [...useNetwork(), ...doors.map(({ resourceId }) => connectDatabase(resourceId, databaseUser))];
}

/** What a service does with a key it does in the name of who asked, so that one needs the key, too. */
function keysFor(cfg: StageConfig, { security }: Deps, { grants, database }: FunctionSpec): Permission[] {
  const { data, secrets } = security.keys;
  const through = (service: string) => `${service}.${cfg.region}.amazonaws.com`;
  const allowed = grants.flatMap((grant) => ("bucket" in grant ? grant.actions : []));
  const puts = allowed.includes("PutObject");
  const gets = allowed.some((action) => /^GetObject(Version)?$/.test(action));
  const turns = grants.some((grant) => "secret" in grant);
  return [
    ...(grants.some((grant) => "table" in grant) ? [useKey(data, ["Decrypt"], through("dynamodb"))] : []),
    // The parts of an upload are opened again as they are put together.
    ...(puts ? [useKey(data, ["Decrypt", "GenerateDataKey"], through("s3"))] : []),
    ...(!puts && gets ? [useKey(data, ["Decrypt"], through("s3"))] : []),
    ...(turns ? [useKey(secrets, ["Decrypt", "GenerateDataKey"], through("secretsmanager"))] : []),
    ...(database === "owner" ? [useKey(secrets, ["Decrypt"], through("secretsmanager"))] : []),
  ];
}

type Variables = Record<
  Exclude<keyof z.infer<typeof Environment>, "T2M_FFMPEG" | "T2M_FFPROBE" | `T2M_DATABASE_${string}`>,
  $util.Input<string>
>;

function environmentOf(cfg: StageConfig, deps: Deps, spec: FunctionSpec) {
  const { storage, tables } = deps;
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
    T2M_QUEUE_PER_USER: String(cfg.queueLimits.perUser),
    T2M_QUEUE_ALL: String(cfg.queueLimits.all),
  };
  const ffmpeg = { T2M_FFMPEG: "/opt/bin/ffmpeg", T2M_FFPROBE: "/opt/bin/ffprobe" };
  return {
    ...variables,
    ...(spec.layers?.includes("ffmpeg") ? ffmpeg : {}),
    ...databaseVariables(deps, spec),
  };
}

function databaseVariables({ record }: Deps, spec: FunctionSpec) {
  if (!spec.database || !record) return {};
  const { database, adminSecret } = record;
  const { host, port } = spec.database === "owner" ? database.owner : database.writer;
  const where = { T2M_DATABASE_HOST: host, T2M_DATABASE_PORT: String(port), T2M_DATABASE_NAME: databaseName };
  if (spec.database === "app") {
    const reader = database.reader ? { T2M_DATABASE_READER_HOST: database.reader.host } : {};
    return { ...where, T2M_DATABASE_USER: databaseUser, ...reader };
  }
  return {
    ...where,
    T2M_DATABASE_USER: databaseAdministrator,
    T2M_DATABASE_APP_USER: databaseUser,
    T2M_DATABASE_SECRET: adminSecret.name,
  };
}
