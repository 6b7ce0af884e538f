import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { functions } from "@t2m/functions/manifest";
import type { Exchange } from "../../s3/server.ts";
import { askedOfDynamodb } from "./dynamodb.ts";
import { type Asked, askedOfS3 } from "./s3.ts";

/** What a function asked of AWS, ids left out. */
export type Call = Asked & { function: string };

export type CallRecorder = {
  /** For the stack that is listened to: by them it is known who asks. */
  accessKeyIds: ReadonlyMap<string, string>;
  onS3Request: (exchange: Exchange) => void;
  onDynamodbRequest: (request: { operation: string; body: string; accessKeyId: string | undefined }) => void;
};

/**
 * Writes down what the functions of a stack ask of S3 and DynamoDB: each kind of call once, a line of JSON each, in a
 * file of its own in `folder`. A URL that a function signed counts as its call when somebody uses it, as IAM sees it.
 */
export function recordCalls(folder: string): CallRecorder {
  const file = join(folder, `${randomUUID()}.jsonl`);
  // DynamoDB Local takes letters and digits only.
  const names = new Map(Object.keys(functions).map((name) => [`of${name.replaceAll("-", "0")}`, name]));
  const known = new Set<string>();
  const note = (accessKeyId: string | undefined, asked: () => Asked[]) => {
    const name = names.get(accessKeyId ?? "");
    if (!name) return;
    for (const one of asked()) {
      const line = JSON.stringify({ function: name, ...one }).replace(ids, "id");
      if (known.has(line)) continue;
      known.add(line);
      appendFileSync(file, `${line}\n`);
    }
  };
  return {
    accessKeyIds: new Map([...names].map(([id, name]) => [name, id])),
    onS3Request: (exchange) => note(exchange.signer?.accessKeyId, () => askedOfS3(exchange)),
    onDynamodbRequest: (request) => note(request.accessKeyId, () => askedOfDynamodb(request)),
  };
}

const ids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
