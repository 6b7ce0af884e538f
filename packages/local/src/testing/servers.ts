import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDynamodb } from "../dynamodb/server.ts";
import { readSettings } from "../settings.ts";

/** One DynamoDB for a whole test run; each test file makes a stage of its own in it. */
export type Servers = { dynamodbEndpoint: string; stop: () => Promise<void> };

export async function startServers(): Promise<Servers> {
  const settings = readSettings();
  const directory = mkdtempSync(join(tmpdir(), "t2m-services-"));
  const dynamodb = settings.dynamodbEndpoint ? undefined : await startDynamodb({ settings });
  return {
    dynamodbEndpoint: dynamodb?.endpoint ?? settings.dynamodbEndpoint ?? "",
    stop: async () => {
      await dynamodb?.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
