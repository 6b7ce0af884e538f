import {
  type FunctionName,
  functions,
  objectTriggers,
  schedules,
  streamTriggers,
} from "@t2m/functions/manifest";
import type { FunctionSpec } from "@t2m/functions/manifest/spec";
import type { StageConfig } from "./config.ts";

/** What a stage deploys of the manifest: one without a record nothing that needs one, routes included. */
export function manifestOf(cfg: StageConfig) {
  const isDeployed = (name: FunctionName) => cfg.database !== undefined || !needsRecord(name);
  const specs = Object.entries(functions) as [FunctionName, FunctionSpec][];
  return {
    functions: specs.filter(([name]) => isDeployed(name)),
    objectTriggers: objectTriggers.filter((trigger) => isDeployed(trigger.function)),
    streamTriggers: streamTriggers.filter((trigger) => isDeployed(trigger.function)),
    schedules: schedules.filter((schedule) => isDeployed(schedule.function)),
    isDeployed,
  };
}

function needsRecord(name: FunctionName): boolean {
  const { database, grants }: FunctionSpec = functions[name];
  return database !== undefined || grants.some((grant) => "secret" in grant || "database" in grant);
}
