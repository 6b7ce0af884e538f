import { config } from "../config.ts";
import { call } from "./call.ts";
import { readBytes } from "./transport.ts";

type SecretOperation = "GetSecretValue" | "DescribeSecret" | "PutSecretValue" | "UpdateSecretVersionStage";

/**
 * One call of Secrets Manager's JSON protocol; gives the answer parsed. Those used here have the effect of once when
 * done twice. Throws `AwsError`, or `ApiError` "service.unavailable".
 */
export async function secretsManager(operation: SecretOperation, input: object): Promise<unknown> {
  const { region, secretsManagerEndpoint } = config().aws;
  return call(
    {
      service: "secretsmanager",
      operation,
      method: "POST",
      url: new URL(`${secretsManagerEndpoint ?? `https://secretsmanager.${region}.amazonaws.com`}/`),
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `secretsmanager.${operation}`,
      },
      body: JSON.stringify(input),
      repeatable: true,
      tryMs: 3_000,
      totalMs: 5_000,
    },
    async (answer) => JSON.parse((await readBytes(answer)).toString()),
  );
}
