import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll } from "vitest";
import { stack } from "./visitor.ts";

/** A connection to the stack's Postgres: to give people a past that would take years to come by. */
export function openRecord(): { readonly sql: Sql } {
  let sql: Sql | undefined;
  beforeAll(() => {
    sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  });
  afterAll(() => sql?.end({ timeout: 1 }));
  return {
    get sql() {
      if (!sql) throw new Error("the connection is still to come");
      return sql;
    },
  };
}
