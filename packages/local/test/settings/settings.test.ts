import { expect, test } from "vitest";
import { readSettings } from "../../src/settings.ts";

test("[C7.1] [C7.3] AWS_ENDPOINT_URL names a server for both, a service's own variable wins, empty ones count as absent", () => {
  const both = readSettings({ AWS_ENDPOINT_URL: "http://localstack:4566/", DATABASE_URL: " " });
  expect(both).toMatchObject({
    s3Endpoint: "http://localstack:4566",
    dynamodbEndpoint: "http://localstack:4566",
  });
  expect(both).not.toHaveProperty("databaseUrl");

  const own = readSettings({
    AWS_ENDPOINT_URL: "http://localstack:4566",
    AWS_ENDPOINT_URL_S3: "http://minio:9000",
  });
  expect(own).toMatchObject({
    s3Endpoint: "http://minio:9000",
    dynamodbEndpoint: "http://localstack:4566",
  });
});

test("limits of the functions are handed on to them; what the stack decides itself is not", () => {
  const { functionVariables } = readSettings({
    T2M_RETENTION_SECONDS: "60",
    T2M_LIVE_TABLE: "another",
    HOME: "/nowhere",
  });

  expect(functionVariables).toEqual({ T2M_RETENTION_SECONDS: "60" });
});
