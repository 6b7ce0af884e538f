import { AwsClient } from "aws4fetch";
import * as z from "zod/mini";
import type { Credentials } from "../settings.ts";

/** A DynamoDB and how to sign for it. */
export type DynamodbServer = { endpoint: string; region: string; credentials: Credentials };

/** DynamoDB's refusal. `type` is its error's name, such as `ConditionalCheckFailedException`. */
export class DynamodbError extends Error {
  type: string;
  constructor(operation: string, type: string, message: string) {
    super(`${operation}: ${type}: ${message}`);
    this.name = "DynamodbError";
    this.type = type;
  }
}

export type Call = <Schema extends z.ZodMiniType>(
  operation: string,
  input: Record<string, unknown>,
  output: Schema,
) => Promise<z.infer<Schema>>;

const Refusal = z.object({
  __type: z.string(),
  message: z.optional(z.string()),
  Message: z.optional(z.string()),
});
const timeoutMs = 10_000;
const services = {
  dynamodb: "DynamoDB_20120810",
  streams: "DynamoDBStreams_20120810",
};

/**
 * Calls of a DynamoDB or of its streams by their JSON protocol. It is spoken here as it stands on the wire, not
 * through the SDK, because stream records have just the shape there that Lambda hands on.
 */
export function dynamodbCalls(server: DynamodbServer, service: keyof typeof services = "dynamodb"): Call {
  const client = new AwsClient({
    ...server.credentials,
    region: server.region,
    service: "dynamodb",
    retries: 0,
  });
  return async (operation, input, output) => {
    const response = await client.fetch(server.endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `${services[service]}.${operation}`,
      },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    if (response.ok) return z.parse(output, JSON.parse(text));
    const refusal = Refusal.safeParse(parsed(text));
    if (!refusal.success) throw new DynamodbError(operation, `status ${response.status}`, text.slice(0, 300));
    const { __type, message, Message } = refusal.data;
    throw new DynamodbError(operation, __type.replace(/^.*#/, ""), message ?? Message ?? "");
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
