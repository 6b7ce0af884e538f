import { createApi } from "./api.ts";
import { buildArtifacts } from "./artifacts.ts";
import { stageConfig } from "./config.ts";
import { createDefaults } from "./defaults.ts";
import { createFailures } from "./failures.ts";
import { createFunctions } from "./functions.ts";
import { createLayers } from "./layers.ts";
import { createSchedules } from "./schedules.ts";
import { createNotifications, createStorage } from "./storage.ts";
import { createConsumers, createTables } from "./tables.ts";

/** The whole system in the order in which one part needs another. */
export function deploy() {
  const cfg = stageConfig($app.stage, process.env);
  const artifacts = buildArtifacts($cli.paths.root, cfg.stage);
  createDefaults(cfg);
  const failures = createFailures(cfg);
  const storage = createStorage(cfg);
  const tables = createTables(cfg);
  const layers = createLayers(cfg, { storage, artifacts });
  const functions = createFunctions(cfg, { storage, tables, layers, failures, artifacts });
  createNotifications(storage, functions);
  createConsumers({ tables, functions, failures });
  createSchedules({ functions, failures });
  const api = createApi(cfg, { functions });
  return { stage: cfg.stage, api: api.url };
}
