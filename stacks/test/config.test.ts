import { expect, test } from "vitest";
import { StageError, stageConfig } from "../config.ts";

const everywhere = { T2M_ISSUER: "https://issuer.example.org", T2M_AUDIENCE: "t2m" };
const complete = { ...everywhere, T2M_RECORD: "off" };
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
    webOrigins: [],
    maximumUploadBytes: 50 * 1024 ** 3,
    maximumMediaSeconds: 12 * 3600,
    retentionSeconds: 24 * 3600,
    leaseSeconds: 20,
    queueLimits: { perUser: 4, all: 10 },
    logRetention: "1 month",
    logRetentionDays: 30,
    oldVersionsDays: 7,
    alertEmail: undefined,
    domain: undefined,
    clientId: "t2m",
    hasFirewall: false,
    monthlyBudgetUsd: 50,
    replicaRegion: undefined,
    zones: 2,
    nat: false,
    convertersAtOnce: 10,
    database: undefined,
  });
});

test("[A10.5] a record costs something at rest, so a stage has one where it says so; production always does", () => {
  const database = { instanceClass: "db.t4g.micro", isPooled: false, backupDays: 7 };
  expect(stageConfig("dev", { ...complete, T2M_RECORD: "on" }).database).toEqual(database);
  // Forgotten, it must not delete the database of a stage that has one.
  expect(problemsOf("dev", everywhere)).toMatch(/T2M_RECORD must say whether the stage keeps a record/);
  expect(problemsOf("dev", { ...complete, T2M_DATABASE_PROXY: "on", T2M_NAT: "on" })).toMatch(
    /T2M_DATABASE_PROXY is of use with T2M_RECORD=on only; T2M_NAT is of use/,
  );
});

test("batches release as many jobs as a stage converts at once, unless it says otherwise", () => {
  const allOf = (stage: string, variables: Record<string, string>) =>
    stageConfig(stage, variables).queueLimits.all;
  expect(allOf("production", production)).toBe(50);
  expect(allOf("dev", { ...complete, T2M_CONVERTERS_AT_ONCE: "3" })).toBe(3);
  expect(allOf("dev", { ...complete, T2M_CONVERTERS_AT_ONCE: "3", T2M_QUEUE_ALL: "2" })).toBe(2);
});

test("[V5.5] a stage that is set up wrongly is refused with all problems in one message", () => {
  const message = problemsOf("Dev_1", {
    AWS_REGION: "mars-east-1",
    T2M_ISSUER: "http://issuer.example.org",
    T2M_RETENTION_SECONDS: "a day",
    T2M_WEB_ORIGINS: "https://example.org/page",
    T2M_ALERT_EMAIL: "somebody",
    T2M_DOMAIN: "https://example.org",
    T2M_MONTHLY_BUDGET_USD: "-1",
    T2M_CONVERTERS_AT_ONCE: "some",
    T2M_QUEUE_ALL: "all",
    T2M_NAT: "perhaps",
  });
  expect(message).toMatch(/stage must be lower-case letters/);
  expect(message).toMatch(/AWS_REGION is no region of AWS that we know/);
  expect(message).toMatch(/T2M_ISSUER must be an https URL/);
  expect(message).toMatch(/T2M_AUDIENCE is missing/);
  expect(message).toMatch(/T2M_RETENTION_SECONDS must be a whole number/);
  expect(message).toMatch(/T2M_WEB_ORIGINS must be origins/);
  expect(message).toMatch(/T2M_ALERT_EMAIL must be an e-mail address/);
  expect(message).toMatch(/T2M_DOMAIN must be a host name/);
  expect(message).toMatch(/T2M_DOMAIN and T2M_DOMAIN_ZONE must be set both or neither/);
  expect(message).toMatch(/T2M_MONTHLY_BUDGET_USD must be more than 0/);
  expect(message).toMatch(/T2M_CONVERTERS_AT_ONCE must be a whole number/);
  expect(message).toMatch(/T2M_QUEUE_ALL must be a whole number/);
  expect(message).toMatch(/T2M_NAT must be on or off/);
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

const production = {
  ...everywhere,
  T2M_WEB_ORIGINS: "https://example.org, https://www.example.org",
  T2M_ALERT_EMAIL: "operations@example.org",
  T2M_REPLICA_REGION: "us-west-2",
};

test("production says whom to tell and where its second copy lies, and is not open to every page", () => {
  expect(problemsOf("production", everywhere)).toMatch(/T2M_ALERT_EMAIL.*T2M_REPLICA_REGION/);
  expect(problemsOf("production", { ...production, T2M_WEB_ORIGINS: "*" })).toMatch(/T2M_WEB_ORIGINS/);
  expect(problemsOf("production", { ...production, T2M_REPLICA_REGION: "us-east-1" })).toMatch(
    /another region/,
  );
  expect(stageConfig("production", production)).toMatchObject({
    isProduction: true,
    webOrigins: ["https://example.org", "https://www.example.org"],
    replicaRegion: "us-west-2",
    zones: 3,
    database: { isPooled: true, backupDays: 30 },
  });
});

test("a domain comes with its zone or not at all", () => {
  expect(problemsOf("dev", { ...complete, T2M_DOMAIN: "t2m.example.org" })).toMatch(/both or neither/);
  expect(problemsOf("dev", { ...complete, T2M_DOMAIN_ZONE: "Z0123456789" })).toMatch(/both or neither/);
  const domain = { T2M_DOMAIN: "t2m.example.org", T2M_DOMAIN_ZONE: "Z0123456789" };
  expect(stageConfig("dev", { ...complete, ...domain }).domain).toEqual({
    name: "t2m.example.org",
    zoneId: "Z0123456789",
  });
});

test("production cannot do without what keeps it", () => {
  expect(problemsOf("production", { ...production, T2M_DATABASE_PROXY: "off" })).toMatch(
    /T2M_DATABASE_PROXY/,
  );
  expect(problemsOf("production", { ...production, T2M_FIREWALL: "off" })).toMatch(/T2M_FIREWALL/);
  expect(problemsOf("production", { ...production, T2M_RECORD: "off" })).toMatch(/T2M_RECORD cannot be off/);
});
