import { config } from "../config.ts";
import { connect } from "./connect.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations.gen.ts";

/**
 * Brings the configured database to the newest schema (`migrate`) and lets the functions' role use it. Gives the names
 * of the steps that were applied.
 */
export async function runMigrations(log: (line: string) => void): Promise<string[]> {
  const { database, databaseAppUser, aws } = config();
  if (!database) throw new Error("there is no database to migrate: T2M_DATABASE_URL or _HOST is missing");
  const { sql } = connect({ database, aws });
  try {
    return await migrate(sql, migrations, { appUser: databaseAppUser, log });
  } finally {
    await sql.end({ timeout: 1 });
  }
}
