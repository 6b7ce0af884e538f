import * as z from "zod/mini";
import { until } from "../processes/wait.ts";
import { DynamodbError, type DynamodbServer, dynamodbCalls } from "./call.ts";

const Description = z.object({
  Table: z.object({ TableStatus: z.string(), LatestStreamArn: z.optional(z.string()) }),
});

/**
 * Creates the live table (docs/decisions/001-live-table.md) where it is not there yet. DynamoDB Local's own
 * expiry stays off: it takes minutes with a few hundred items; ours is in expiry.ts.
 * @returns the ARN of its stream
 */
export async function createLiveTable(server: DynamodbServer, name: string): Promise<string> {
  const call = dynamodbCalls(server);
  await call("CreateTable", { TableName: name, ...definition }, z.unknown()).catch((error: unknown) => {
    if (!(error instanceof DynamodbError && error.type === "ResourceInUseException")) throw error;
  });
  return until(`Table ${name} has not become active`, 30_000, async () => {
    const { Table } = await call("DescribeTable", { TableName: name }, Description);
    return Table.TableStatus === "ACTIVE" ? Table.LatestStreamArn : undefined;
  });
}

const definition = {
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "S" },
    { AttributeName: "dueShard", AttributeType: "S" },
    { AttributeName: "dueAt", AttributeType: "N" },
  ],
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "due",
      KeySchema: [
        { AttributeName: "dueShard", KeyType: "HASH" },
        { AttributeName: "dueAt", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
  StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
};
