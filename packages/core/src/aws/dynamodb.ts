import { config } from "../config.ts";
import { call } from "./call.ts";
import { readBytes } from "./transport.ts";

export type DynamoOperation =
  | "GetItem"
  | "PutItem"
  | "UpdateItem"
  | "DeleteItem"
  | "Query"
  | "Scan"
  | "TransactWriteItems";

/**
 * One call of DynamoDB's JSON protocol; gives the answer parsed. `repeatable` as in `AwsCall`.
 * Throws `AwsError`, or `ApiError` "service.unavailable".
 */
export async function dynamo(
  operation: DynamoOperation,
  input: object,
  repeatable: boolean,
): Promise<unknown> {
  const { region, dynamodbEndpoint } = config().aws;
  return call(
    {
      service: "dynamodb",
      operation,
      method: "POST",
      url: new URL(`${dynamodbEndpoint ?? `https://dynamodb.${region}.amazonaws.com`}/`),
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDB_20120810.${operation}`,
      },
      body: JSON.stringify(input),
      repeatable,
      tryMs: 3_000,
      totalMs: 5_000,
    },
    async (answer) => JSON.parse((await readBytes(answer)).toString()),
  );
}
