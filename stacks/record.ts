import type { RecordStage, StageConfig } from "./config.ts";
import { createDatabase, type Database } from "./database.ts";
import { createNetwork, type Network } from "./network.ts";
import { createSecret } from "./secrets.ts";
import type { Security } from "./security.ts";

/** Postgres, the network that it lies in, and its administrator's secret. */
export type RecordPlane = {
  network: Network;
  database: Database;
  adminSecret: aws.secretsmanager.Secret;
};

/** The only part that costs something while nobody comes, so a stage may do without: `T2M_RECORD`. */
export function createRecord(
  cfg: StageConfig,
  { security }: { security: Security },
): RecordPlane | undefined {
  if (!hasRecord(cfg)) return undefined;
  const network = createNetwork(cfg);
  const adminSecret = createSecret(cfg, { security }, "database-admin");
  const database = createDatabase(cfg, { security, network, adminSecret });
  return { network, database, adminSecret };
}

function hasRecord(cfg: StageConfig): cfg is RecordStage {
  return cfg.database !== undefined;
}
