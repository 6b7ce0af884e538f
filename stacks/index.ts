import { join } from "node:path";
import { createApi } from "./api.ts";
import { buildArtifacts } from "./artifacts.ts";
import { stageConfig } from "./config.ts";
import { createDatabaseEvents } from "./database-events.ts";
import { createDefaults } from "./defaults.ts";
import { createEdge } from "./edge.ts";
import { createFailures } from "./failures.ts";
import { createFunctions } from "./functions.ts";
import { createLayers } from "./layers.ts";
import { createAlerts } from "./ops/alerts.ts";
import { createOps } from "./ops.ts";
import { createRecord } from "./record.ts";
import { createRecovery } from "./recovery.ts";
import { createReplication } from "./replication.ts";
import { createSchedules } from "./schedules.ts";
import { createSecret } from "./secrets.ts";
import { createSecurity } from "./security.ts";
import { createNotifications, createStorage, openToPages } from "./storage.ts";
import { createConsumers, createTables } from "./tables.ts";
import { createWeb } from "./web.ts";

/** The whole system in the order in which one part needs another. */
export function deploy() {
  const cfg = stageConfig($app.stage, process.env);
  const artifacts = buildArtifacts(join($cli.paths.work, "built", cfg.stage), $cli.paths.root);
  const security = createSecurity(cfg);
  createDefaults(cfg, { security });
  const failures = createFailures(cfg);
  const storage = createStorage(cfg, { security });
  const tables = createTables(cfg, { security });
  createReplication(cfg, { storage, security });

  createSecret(cfg, { security }, "gemini");
  const record = createRecord(cfg, { security });
  const layers = createLayers(cfg, { storage, artifacts });
  const parts = { security, storage, tables, record, layers, failures, artifacts };
  const functions = createFunctions(cfg, parts);
  createNotifications(cfg, { storage, functions });
  createConsumers(cfg, { tables, functions, failures });
  createSchedules(cfg, { functions, failures });

  const api = createApi(cfg, { functions });
  const site = createWeb(cfg, { folder: artifacts.page, storage });
  const cdn = createEdge(cfg, { api, functions, storage, site });
  const url = cfg.domain ? $output(`https://${cfg.domain.name}`) : cdn.url;
  openToPages(storage, [url, ...cfg.webOrigins]);

  const alerts = createAlerts(cfg, { security });
  const database = record?.database;
  if (database) createDatabaseEvents(cfg, { database, topic: alerts });
  const vault = createRecovery(cfg, { alerts, security, storage, tables, database });
  createOps(cfg, { alerts, security, storage, tables, database, functions, failures, api, cdn, vault });
  return { stage: cfg.stage, url, api: api.url };
}
