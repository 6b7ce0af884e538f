import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { RequestLine } from "../s3/server.ts";
import { startStack } from "../stack.ts";
import { recordCalls } from "./calls/recorder.ts";
import { serveControl } from "./control.ts";
import { openDynamodbDoor } from "./dynamodb-door.ts";
import type { SharedStackFacts } from "./stack-setup.ts";

// The stack that test files share: `stack-process <folder for the calls of its functions>`. Prints its facts in one
// line of JSON; ends when its stdin closes.

const [, , callsDirectory = ""] = process.argv;
const directory = mkdtempSync(join(tmpdir(), "t2m-shared-stack-"));
const s3Requests: RequestLine[] = [];
const recorder = recordCalls(callsDirectory);
const door = await openDynamodbDoor(recorder.onDynamodbRequest);
const stack = await startStack({
  directory,
  mode: "test",
  hasPage: true,
  hasPostgres: true,
  retryDelaysMs: [200, 400],
  environment: { AWS_ENDPOINT_URL_DYNAMODB: door.url },
  accessKeyIds: recorder.accessKeyIds,
  onS3Request: (line, exchange) => {
    s3Requests.push(line);
    recorder.onS3Request(exchange);
  },
  log: (part, line, level) => {
    if (level === "error") console.error(`${part}: ${line}`);
  },
});
door.leadTo(stack.dynamodb.endpoint);
const control = await serveControl(stack, s3Requests);
const database = await stack.database;
if (!database) throw new Error("The shared stack has no Postgres");
const { url, apiUrl, issuerUrl, stage, s3, dynamodb } = stack;
const { endpoint, region, credentials } = s3;
const facts: SharedStackFacts = {
  directory,
  url,
  apiUrl,
  issuerUrl,
  stage,
  environment: { ...stack.environment, AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint },
  s3: { endpoint, region, credentials },
  dynamodb,
  databaseUrl: database.url,
  controlUrl: control.url,
};
process.stdout.write(`${JSON.stringify(facts)}\n`);

await finished(process.stdin.resume(), { writable: false }).catch(() => undefined);
control.stop();
await stack.stop();
await door.close();
rmSync(directory, { recursive: true, force: true });
