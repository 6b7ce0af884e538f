import { config } from "../config.ts";
import { call } from "./call.ts";
import { encodeQuery } from "./sigv4.ts";
import { readBytes } from "./transport.ts";

/**
 * One call of RDS's query protocol, which may be repeated; gives the answer's XML.
 * Throws `AwsError`, or `ApiError` "service.unavailable".
 */
export async function rds(
  operation: "DescribeDBInstances" | "ModifyDBInstance",
  input: Record<string, string>,
): Promise<string> {
  const { region, rdsEndpoint } = config().aws;
  return call(
    {
      service: "rds",
      operation,
      method: "POST",
      url: new URL(`${rdsEndpoint ?? `https://rds.${region}.amazonaws.com`}/`),
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: encodeQuery({ ...input, Action: operation, Version: "2014-10-31" }),
      repeatable: true,
      tryMs: 10_000,
      totalMs: 20_000,
    },
    async (answer) => (await readBytes(answer)).toString(),
  );
}
