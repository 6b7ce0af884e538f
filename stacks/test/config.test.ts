import { expect, test } from "vitest";
import { StageError, stageConfig } from "../config.ts";

const complete = { T2M_ISSUER: "https://issuer.example.org", T2M_AUDIENCE: "t2m" };
const problemsOf = (stage: string, variables: Record<string, string>) => {
  try {
    stageConfig(stage, variables);
  } catch (error) {
    if (error instanceof StageError) return error.message;
    throw error;
  }
  throw new Error(`The stage ${stage} was taken`);
};

test("a stage needs an issuer and an audience and has good values for the rest", () => {
  expect(stageConfig("dev", complete)).toEqual({
    stage: "dev",
    isProduction: false,
    region: "us-east-1",
    issuer: "https://issuer.example.org",
    audience: "t2m",
    webOrigins: ["*"],
    maximumUploadBytes: 50 * 1024 ** 3,
    maximumMediaSeconds: 12 * 3600,
    retentionSeconds: 24 * 3600,
    leaseSeconds: 20,
    logRetention: "1 month",
    oldVersionsDays: 7,
  });
});

test("[V5.5] a stage that is set up wrongly is refused with all problems in one message", () => {
  const message = problemsOf("Dev_1", {
    AWS_REGION: "mars-east-1",
    T2M_ISSUER: "http://issuer.example.org",
    T2M_RETENTION_SECONDS: "a day",
    T2M_WEB_ORIGINS: "https://example.org/page",
  });
  expect(message).toMatch(/stage must be lower-case letters/);
  expect(message).toMatch(/AWS_REGION is no region of AWS that we know/);
  expect(message).toMatch(/T2M_ISSUER must be an https URL/);
  expect(message).toMatch(/T2M_AUDIENCE is missing/);
  expect(message).toMatch(/T2M_RETENTION_SECONDS must be a whole number/);
  expect(message).toMatch(/T2M_WEB_ORIGINS must be origins/);
});

test.each(["", "-dev", "dev-", "1st", "a.b", "müller", "sthree-dev", "a-stage-name-that-is-21"])(
  "%j is no stage's name, as its buckets could not have theirs",
  (stage) => {
    expect(problemsOf(stage, complete)).toMatch(/stage (must be|begins)/);
  },
);

test("the longest stage's name leaves room for the longest bucket's", () => {
  const stage = stageConfig("a".repeat(20), complete);
  expect(`${stage.stage}-t2m-thumbnails-ap-southeast-1-123456789012`).toHaveLength(63);
});

test("production names the origins of its page", () => {
  expect(problemsOf("production", complete)).toMatch(/T2M_WEB_ORIGINS/);
  expect(problemsOf("production", { ...complete, T2M_WEB_ORIGINS: "*" })).toMatch(/T2M_WEB_ORIGINS/);
  const origins = "https://example.org, https://www.example.org";
  expect(stageConfig("production", { ...complete, T2M_WEB_ORIGINS: origins })).toMatchObject({
    isProduction: true,
    webOrigins: ["https://example.org", "https://www.example.org"],
  });
});
