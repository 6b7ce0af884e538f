import type { StageConfig } from "./config.ts";
import type { Database } from "./database.ts";
import type { Functions } from "./functions.ts";
import { createAlarms } from "./ops/alarms.ts";
import { createCostWatch } from "./ops/costs.ts";
import { createDashboard } from "./ops/dashboard.ts";
import { createQueries } from "./ops/queries.ts";
import { createTrail } from "./ops/trail.ts";
import type { Security } from "./security.ts";
import type { Storage } from "./storage.ts";
import type { Tables } from "./tables.ts";

type Deps = {
  alerts: aws.sns.Topic;
  security: Security;
  storage: Storage;
  tables: Tables;
  database: Database | undefined;
  functions: Functions;
  failures: sst.aws.Queue;
  api: sst.aws.ApiGatewayV2;
  cdn: sst.aws.Cdn;
  vault: aws.backup.Vault;
};

/** How those who run a stage learn how it is, what it costs, and who did what. */
export function createOps(cfg: StageConfig, deps: Deps) {
  const trail = createTrail(cfg, deps);
  const alarms = createAlarms(cfg, { ...deps, trail });
  createQueries(cfg, { ...deps, trail });
  createDashboard(cfg, { ...deps, table: deps.tables.live, alarms });
  createCostWatch(cfg, deps);
}
