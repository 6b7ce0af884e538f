import { runMigrations } from "@t2m/core/database/run-migrations";
import { telemetry } from "../adapter/telemetry.ts";

const { logger } = telemetry("migrate");

/** The deployment waits for this, shows what it throws, and ends there. Gives the steps that were applied. */
export async function handler(): Promise<{ applied: string[] }> {
  try {
    return { applied: await runMigrations((line) => logger.info(line)) };
  } catch (error) {
    logger.error("the database was not migrated", { error });
    const reason = error instanceof Error ? error.message : String(error);
    const text = "The database is not at this version's schema, so nothing that uses it was deployed";
    throw new Error(`${text}: ${reason}`, { cause: error });
  }
}
