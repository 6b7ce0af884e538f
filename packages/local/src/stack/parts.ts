import { join } from "node:path";
import { migrate } from "@t2m/core/database/migrate";
import { migrations } from "@t2m/core/database/migrations.gen";
import postgres from "postgres";
import { createBuckets, type S3Server } from "../buckets.ts";
import type { DynamodbServer } from "../dynamodb/call.ts";
import { startDynamodb } from "../dynamodb/server.ts";
import { createLiveTable } from "../dynamodb/table.ts";
import { liveTableName } from "../names.ts";
import { postgresUrl, startPostgres } from "../postgres/server.ts";
import { freePort } from "../processes/port.ts";
import type { Run } from "../processes/run.ts";
import { type S3Server as RunningS3, type S3Options, startS3 } from "../s3/server.ts";
import type { Settings } from "../settings.ts";
import type { Log } from "./log.ts";
import type { Shutdown } from "./shutdown.ts";

export type PartsOptions = {
  directory: string;
  /** Whether what is stored outlives the stack. */
  isDurable: boolean;
  stage: string;
  settings: Settings;
  /** The page's origins, which may upload. */
  origins: readonly string[];
  run: Run;
  log: Log;
  shutdown: Shutdown;
};

/** S3 with the stage's buckets; `running` is undefined where the developer named another server. */
export async function openS3(
  { directory, stage, settings, origins, shutdown }: PartsOptions,
  options: Pick<S3Options, "onEvent" | "minimumPartBytes" | "onRequest" | "otherAccessKeyIds">,
): Promise<S3Server & { running: RunningS3 | undefined }> {
  const { region, credentials, s3Endpoint } = settings;
  const running = s3Endpoint
    ? undefined
    : await startS3({ ...options, directory: join(directory, "s3"), region, credentials });
  if (running) shutdown.add("stores", () => running.stop());
  const server = { endpoint: running?.url ?? s3Endpoint ?? "", region, credentials };
  await createBuckets(server, stage, origins);
  return { ...server, running };
}

export type LiveTable = DynamodbServer & { table: string; streamArn: string };

/** DynamoDB, ours or the one that the developer named, with the live table. */
export async function openDynamodb({
  directory,
  isDurable,
  stage,
  settings,
  run,
  shutdown,
}: PartsOptions): Promise<LiveTable> {
  const { region, credentials, dynamodbEndpoint } = settings;
  const place = isDurable ? { directory: join(directory, "dynamodb") } : {};
  const running = dynamodbEndpoint
    ? undefined
    : await startDynamodb({ ...place, temporaryDirectory: join(directory, "tmp"), settings, run });
  if (running) shutdown.add("stores", running.stop);
  const server = { endpoint: running?.endpoint ?? dynamodbEndpoint ?? "", region, credentials };
  const table = liveTableName(stage);
  return { ...server, table, streamArn: await createLiveTable(server, table) };
}

/** Where Postgres is or will be. Known before it has started: functions are told at once, and nobody waits for it. */
export async function choosePostgres({ databaseUrl }: Settings): Promise<{ url: string; port?: number }> {
  if (databaseUrl) return { url: databaseUrl };
  const port = await freePort();
  return { url: postgresUrl(port), port };
}

/**
 * Postgres, or undefined where it cannot be had: nothing between upload and download stands on it, so its absence
 * is a warning. Nobody waits for its start either.
 */
export async function openPostgres(
  options: PartsOptions,
  { url, port }: Awaited<ReturnType<typeof choosePostgres>>,
): Promise<{ url: string } | undefined> {
  const { directory, isDurable, run, log, shutdown } = options;
  if (port === undefined) return { url };
  const starting = startPostgres({ directory: join(directory, "postgres"), isDurable, port, run }).catch(
    (error: unknown) => {
      log("postgres", `not available; uploads and conversions go on without it: ${String(error)}`, "warning");
      return undefined;
    },
  );
  shutdown.add("stores", async () => (await starting)?.stop());
  return await starting;
}

/** Brings the record's schema up to date. Gives whether functions may use it; a failure is a warning as well. */
export async function openRecord(database: Promise<{ url: string } | undefined>, log: Log): Promise<boolean> {
  const found = await database;
  if (!found) return false;
  const sql = postgres(found.url, { max: 1, connect_timeout: 10, onnotice: () => {} });
  try {
    await migrate(sql, migrations);
    return true;
  } catch (error) {
    log("postgres", `the record cannot be used, all else can: ${String(error)}`, "warning");
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
