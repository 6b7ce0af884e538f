import { join } from "node:path";
import { findBinaries } from "@t2m/core/ffmpeg/binaries";
import { type BundledFunction, bundleFunctions, watchFunctions } from "@t2m/functions/bundle";
import { createPool, type Pool } from "../lambda/pool.ts";
import type { Failures } from "./failures.ts";
import type { Log } from "./log.ts";
import type { Manifest } from "./manifest.ts";
import type { Shutdown } from "./shutdown.ts";

export type FunctionsOptions = {
  manifest: Manifest;
  directory: string;
  /** Bundles again when a handler, or anything it imports, changes. */
  isWatching: boolean;
  log: Log;
};

/** The manifest's functions, bundled. */
export type Bundles = {
  files: ReadonlyMap<string, string>;
  /** Told which functions have a new bundle. */
  onChange: (listener: (name: string, file: string) => void) => void;
  stop: () => Promise<void>;
};

/** @throws BundleError for the first bundles; later failures go to the log, and the last good bundles stay */
export async function bundle({ manifest, directory, isWatching, log }: FunctionsOptions): Promise<Bundles> {
  const options = {
    functions: manifest.functions,
    outputDirectory: join(directory, "functions"),
    ...(manifest.sourceDirectory ? { sourceDirectory: manifest.sourceDirectory } : {}),
  };
  if (!isWatching) {
    return { files: filesOf(await bundleFunctions(options)), onChange: () => {}, stop: async () => {} };
  }
  const listeners: ((name: string, file: string) => void)[] = [];
  const first = Promise.withResolvers<ReadonlyMap<string, string>>();
  let isFirst = true;
  const watching = await watchFunctions(options, (outcome) => {
    const wasFirst = isFirst;
    isFirst = false;
    if ("error" in outcome) {
      if (wasFirst) first.reject(outcome.error);
      else log("bundle", outcome.error.message, "error");
      return;
    }
    const files = filesOf(outcome.bundled);
    if (wasFirst) return first.resolve(files);
    const { changed } = outcome;
    if (changed.length === 0) return;
    log("bundle", `${changed.length > 3 ? `${changed.length} functions` : changed.join(", ")} rebuilt`);
    for (const name of changed) for (const listener of listeners) listener(name, files.get(name) ?? "");
  });
  const files = await first.promise.catch(async (error: unknown) => {
    await watching.stop();
    throw error;
  });
  return { files, onChange: (listener) => listeners.push(listener), stop: watching.stop };
}

function filesOf(bundled: readonly BundledFunction[]): ReadonlyMap<string, string> {
  return new Map(bundled.map(({ name, file }) => [name, file]));
}

export type PoolsOptions = {
  manifest: Manifest;
  bundles: Bundles;
  directory: string;
  environment: Readonly<Record<string, string>>;
  /** Of each function its own, where they have any. */
  accessKeyIds?: ReadonlyMap<string, string>;
  /** Told only to functions that use it. */
  databaseUrl?: string;
  retryDelaysMs?: readonly number[];
  failures: Failures;
  log: Log;
  shutdown: Shutdown;
};

/** A pool of sandboxes for each function, by its name. */
export function openPools(options: PoolsOptions): ReadonlyMap<string, Pool> {
  const { manifest, bundles, directory, environment, databaseUrl, failures, log, shutdown } = options;
  const pools = new Map<string, Pool>();
  for (const [name, file] of bundles.files) {
    const spec = manifest.functions[name];
    if (!spec) continue;
    const { memoryMb, timeoutSeconds, concurrency, streaming, layers, database } = spec;
    const accessKeyId = options.accessKeyIds?.get(name);
    const pool = createPool({
      name,
      file,
      memoryMb,
      timeoutSeconds,
      environment: {
        ...(layers?.includes("ffmpeg") ? ffmpegVariables() : {}),
        ...(database && databaseUrl ? { T2M_DATABASE_URL: databaseUrl } : {}),
        ...environment,
        ...(accessKeyId ? { AWS_ACCESS_KEY_ID: accessKeyId } : {}),
      },
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(streaming === undefined ? {} : { streaming }),
      ...(options.retryDelaysMs === undefined ? {} : { retryDelaysMs: options.retryDelaysMs }),
      temporaryRoot: join(directory, "lambda"),
      onLog: (line) => log(name, line),
      onFailure: (record) => failures.record(name, record),
    });
    pools.set(name, pool);
    shutdown.add("work", () => pool.stop());
  }
  bundles.onChange((name, file) => pools.get(name)?.replace(file));
  return pools;
}

/** What the layer puts in its place on AWS. */
function ffmpegVariables(): Record<string, string> {
  const { ffmpeg, ffprobe } = findBinaries();
  return { T2M_FFMPEG: ffmpeg, T2M_FFPROBE: ffprobe };
}
