import { existsSync, readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres, { type Options, type Sql } from "postgres";
import type { Config, DatabaseConfig } from "../config.ts";
import { iamToken } from "./iam-token.ts";

export type Database = PostgresJsDatabase;
export type Connection = { db: Database; sql: Sql };

export type Where = { database: DatabaseConfig; aws: Pick<Config["aws"], "credentials" | "region"> };

type ConnectOptions = { replica?: boolean; onClose?: () => void; password?: string | undefined };

/** One try to connect. Longer would be longer than who waits for an answer does. */
const connectSeconds = 2;
/** A sandbox that sleeps for longer finds its connection closed by the proxy. */
const idleSeconds = 600;

/**
 * One connection, opened when it is first used. Behind RDS Proxy it must carry no state from one transaction to the
 * next, or it is pinned to one of the database's: so no named statements, no `SET`, no look-up of types. The timeout of
 * statements is the database's own setting (`migrate`).
 * @param options `replica`: at the reader's host, where there is one; `onClose` is told when the connection ends,
 * whoever ended it; `password`: instead of a token of IAM's
 */
export function connect(
  { database, aws }: Where,
  { replica = false, onClose = () => {}, password }: ConnectOptions = {},
): Connection {
  const options: Options<Record<string, never>> & { max_pipeline: number } = {
    max: 1,
    prepare: false,
    fetch_types: false,
    // A question at a time: a pooler that gives its connection to others after an answer would do so in the middle of
    // the next question.
    max_pipeline: 0,
    connect_timeout: connectSeconds,
    idle_timeout: idleSeconds,
    // How often to try is for the circuit breaker to say.
    backoff: () => 0,
    onnotice: () => {},
    onclose: onClose,
    connection: { application_name: "t2m" },
  };
  if ("url" in database) return opened(postgres(database.url, options));
  const { port, name, user, caFile } = database;
  const host = replica ? (database.readerHost ?? database.host) : database.host;
  return opened(
    postgres({
      ...options,
      host,
      port,
      database: name,
      user,
      // Made anew for each connection: a token lives for minutes, a sandbox for hours.
      password: password ?? (() => iamToken({ host, port, user }, aws)),
      ssl: { ca: trusted(caFile), servername: host, minVersion: "TLSv1.2" },
    }),
  );
}

function opened(sql: Sql): Connection {
  return { sql, db: drizzle(sql) };
}

/** RDS Proxy's certificates come from Amazon's public authorities, an instance's own from those of RDS. */
function trusted(caFile: string): string[] {
  return existsSync(caFile) ? [...rootCertificates, readFileSync(caFile, "utf8")] : [...rootCertificates];
}
