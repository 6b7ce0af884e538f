import { dynamo } from "../aws/dynamodb.ts";
import { config } from "../config.ts";
import type { Attributes } from "./attributes.ts";

type ScanAnswer = { Items: Attributes[]; LastEvaluatedKey?: Attributes };

/**
 * Every item of the live table, expired ones among them, in DynamoDB's own form and in no order: for jobs of
 * operators. It reads, and costs, the whole table.
 */
export async function* scanItems(): AsyncGenerator<Attributes> {
  let after: Attributes | undefined;
  do {
    const input = {
      TableName: config().liveTable,
      ConsistentRead: true,
      ...(after ? { ExclusiveStartKey: after } : {}),
    };
    const page = (await dynamo("Scan", input, true)) as ScanAnswer;
    yield* page.Items;
    after = page.LastEvaluatedKey;
  } while (after);
}
