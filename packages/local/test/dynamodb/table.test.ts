import { expect, test } from "vitest";
import * as z from "zod/mini";
import { dynamodbCalls } from "../../src/dynamodb/call.ts";
import { createLiveTable } from "../../src/dynamodb/table.ts";
import { startServices } from "../../src/testing.ts";

test("the live table has its keys, the index `due` and a stream with both images; creating it again changes nothing", async () => {
  const { dynamodb, table, streamArn } = await startServices();

  expect(await createLiveTable(dynamodb, table)).toBe(streamArn);

  const { Table } = await dynamodbCalls(dynamodb)(
    "DescribeTable",
    { TableName: table },
    z.object({ Table: z.looseObject({}) }),
  );
  expect(Table).toMatchObject({
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    GlobalSecondaryIndexes: [{ IndexName: "due", Projection: { ProjectionType: "KEYS_ONLY" } }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
  });
});
