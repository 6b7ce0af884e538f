import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDynamodb } from "../dynamodb/server.ts";
import { startPooler } from "../postgres/pooler.ts";
import { startPostgres } from "../postgres/server.ts";
import { startS3 } from "../s3/server.ts";
import { readSettings } from "../settings.ts";

/** One S3 and one DynamoDB for a whole test run; each test file makes a stage of its own in them. */
export type Servers = { s3Endpoint: string; dynamodbEndpoint: string; stop: () => Promise<void> };

/** Starts both, or takes those that the developer's environment names. */
export async function startServers(): Promise<Servers> {
  const settings = readSettings();
  const { region, credentials } = settings;
  const directory = mkdtempSync(join(tmpdir(), "t2m-services-"));
  const [s3, dynamodb] = await Promise.all([
    settings.s3Endpoint ? undefined : startS3({ directory, region, credentials }),
    settings.dynamodbEndpoint ? undefined : startDynamodb({ temporaryDirectory: directory, settings }),
  ]);
  return {
    s3Endpoint: s3?.url ?? settings.s3Endpoint ?? "",
    dynamodbEndpoint: dynamodb?.endpoint ?? settings.dynamodbEndpoint ?? "",
    stop: async () => {
      await Promise.all([s3?.stop(), dynamodb?.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** One Postgres for a whole test run; each test file makes a database of its own in it. */
export type Database = {
  url: string;
  /** Where the code under test finds it: by way of a pooler, if the developer's environment names one. */
  functionsUrl: string;
  stop: () => Promise<void>;
};

export async function startDatabase(): Promise<Database> {
  const directory = mkdtempSync(join(tmpdir(), "t2m-postgres-"));
  const { url, stop } = await startPostgres({ directory, isDurable: false });
  const { pgbouncerPath } = readSettings();
  const pooler = pgbouncerPath ? await startPooler(pgbouncerPath, { directory, url }) : undefined;
  return {
    url,
    functionsUrl: pooler?.url ?? url,
    stop: async () => {
      await pooler?.stop();
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
