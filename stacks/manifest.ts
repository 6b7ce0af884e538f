import {
  type FunctionName,
  functions,
  http,
  objectTriggers,
  schedules,
  streamTriggers,
} from "@t2m/functions/manifest";
import type { FunctionSpec } from "@t2m/functions/manifest/spec";
import type { StageConfig } from "./config.ts";

/**
 * What a stage deploys of the manifest. One without a record leaves out what only fills, reads or keeps it; the routes
 * that read it stay, and answer that it is away.
 */
export function manifestOf(cfg: StageConfig) {
  const isDeployed = (name: FunctionName) => cfg.database !== undefined || !isForRecord(name);
  const specs = Object.entries(functions) as [FunctionName, FunctionSpec][];
  return {
    functions: specs.filter(([name]) => isDeployed(name)),
    objectTriggers: objectTriggers.filter((trigger) => isDeployed(trigger.function)),
    streamTriggers: streamTriggers.filter((trigger) => isDeployed(trigger.function)),
    schedules: schedules.filter((schedule) => isDeployed(schedule.function)),
  };
}

function isForRecord(name: FunctionName): boolean {
  const { database, grants }: FunctionSpec = functions[name];
  const administers = grants.some((grant) => "secret" in grant || "database" in grant);
  return administers || (database !== undefined && !Object.values(http).some((answer) => answer === name));
}
