import { runMigrations } from "@t2m/core/database/run-migrations";
import { telemetry } from "../adapter/telemetry.ts";

const { logger } = telemetry("migrate");

/** The deployment waits for this, and stops where it fails. Gives the steps that were applied. */
export async function handler(): Promise<{ applied: string[] }> {
  return { applied: await runMigrations((line) => logger.info(line)) };
}
