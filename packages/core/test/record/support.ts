import { startDatabase } from "@t2m/local/testing";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll } from "vitest";
import { closeRecord } from "../../src/database/access.ts";

/** A migrated database of the file's own, and a connection that looks into it from outside. */
export function useDatabase(): { readonly sql: Sql; readonly url: string } {
  let sql: Sql | undefined;
  let url = "";
  beforeAll(async () => {
    url = await startDatabase();
    sql = postgres(url, { max: 2, onnotice: () => {} });
  });
  afterAll(async () => {
    await closeRecord();
    await sql?.end({ timeout: 1 });
  });
  return {
    get sql() {
      if (!sql) throw new Error("the database is still to come");
      return sql;
    },
    get url() {
      return url;
    },
  };
}

/** Forgets all that was recorded. */
export async function empty(sql: Sql): Promise<void> {
  await sql`truncate users, erasures, early_events, refused_records cascade`;
}
