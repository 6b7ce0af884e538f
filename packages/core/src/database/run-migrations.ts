import { config } from "../config.ts";
import { migrate, NewerDatabase } from "./migrate.ts";
import { migrations } from "./migrations.gen.ts";
import { asOwner } from "./owner.ts";

/**
 * Brings the configured database to the newest schema (`migrate`) and lets the functions' role use it. Gives the names
 * of the steps that were applied. A database that is ahead of us is left as it is.
 */
export async function runMigrations(log: (line: string) => void): Promise<string[]> {
  const { databaseAppUser: appUser } = config();
  try {
    return await asOwner((sql) => migrate(sql, migrations, { appUser, log }));
  } catch (error) {
    if (!(error instanceof NewerDatabase)) throw error;
    // An earlier version is deployed again. It reads what the newer one made: shapes change in two deployments.
    log(`nothing to do: ${error.message}`);
    return [];
  }
}
