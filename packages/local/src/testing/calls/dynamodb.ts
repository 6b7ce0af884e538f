import * as z from "zod/mini";
import type { Asked } from "./s3.ts";

const OnTable = z.object({ TableName: z.string(), IndexName: z.optional(z.string()) });
const Transaction = z.object({ TransactItems: z.array(z.record(z.string(), OnTable)) });

/** A transaction is allowed part by part, by the rights that its parts would take alone. */
const partActions: Record<string, string> = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
};

/**
 * What a request to DynamoDB needs a right to:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 */
export function askedOfDynamodb(request: { operation: string; body: string }): Asked[] {
  const input: unknown = JSON.parse(request.body);
  if (request.operation !== "TransactWriteItems") return [on(request.operation, z.parse(OnTable, input))];
  return z
    .parse(Transaction, input)
    .TransactItems.flatMap((part) =>
      Object.entries(part).map(([kind, where]) => on(partActions[kind] ?? kind, where)),
    );
}

function on(operation: string, { TableName, IndexName }: z.infer<typeof OnTable>): Asked {
  const table = TableName.endsWith("-t2m-live") ? "live" : TableName;
  return { action: `dynamodb:${operation}`, resource: IndexName ? `${table}/index/${IndexName}` : table };
}
