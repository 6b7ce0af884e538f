import { ConfigError, configFrom } from "@t2m/core/config";
import { expect, test } from "vitest";

const complete = {
  T2M_STAGE: "test",
  T2M_LIVE_TABLE: "live",
  T2M_BUCKET_UPLOADS: "uploads",
  T2M_BUCKET_VIDEOS: "videos",
  T2M_BUCKET_CODE: "code",
  T2M_BUCKET_THUMBNAILS: "thumbnails",
  T2M_BUCKET_TEMP: "temp",
  T2M_ISSUER: "https://issuer.example",
  T2M_AUDIENCE: "t2m",
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "id",
  AWS_SECRET_ACCESS_KEY: "secret",
};

test("[C7.4] every missing or malformed variable is named at once", () => {
  const { T2M_STAGE: _, AWS_REGION: __, ...rest } = complete;
  const broken = {
    ...rest,
    T2M_LIVE_TABLE: "",
    T2M_ISSUER: "no url",
    T2M_MAXIMUM_UPLOAD_BYTES: "many",
    AWS_ENDPOINT_URL_S3: "x",
  };
  const thrown = (() => {
    try {
      return configFrom(broken);
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toBeInstanceOf(ConfigError);
  expect(thrown).toMatchObject({
    problems: [
      "T2M_STAGE is missing",
      "T2M_LIVE_TABLE is missing",
      "T2M_ISSUER must be the issuer's URL",
      "T2M_MAXIMUM_UPLOAD_BYTES must be a whole number",
      "AWS_REGION is missing",
      "AWS_ENDPOINT_URL_S3 must be a URL",
    ],
  });
});

test("[C7.3] a service's own endpoint goes before the common one; without any it is AWS", () => {
  const endpoints = {
    AWS_ENDPOINT_URL: "http://localhost:4566/",
    AWS_ENDPOINT_URL_S3: "http://localhost:9000",
  };
  expect(configFrom({ ...complete, ...endpoints }).aws).toMatchObject({
    s3Endpoint: "http://localhost:9000",
    dynamodbEndpoint: "http://localhost:4566",
  });
  const { aws } = configFrom(complete);
  expect([aws.s3Endpoint, aws.dynamodbEndpoint]).toEqual([undefined, undefined]);
});

test("settings have defaults, and the session's end is read where it is known", () => {
  const known = configFrom({
    ...complete,
    AWS_SESSION_TOKEN: "t",
    AWS_CREDENTIAL_EXPIRATION: "2030-01-01T00:00:00Z",
  });
  expect(known.maximumUploadBytes).toBe(50 * 1024 ** 3);
  expect(known.aws.credentials.expiresAt).toEqual(new Date("2030-01-01T00:00:00Z"));
});
