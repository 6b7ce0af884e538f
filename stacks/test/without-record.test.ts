import { api } from "@t2m/contract/api";
import { type FunctionName, functions, http } from "@t2m/functions/manifest";
import type { FunctionSpec } from "@t2m/functions/manifest/spec";
import { expect, test } from "vitest";
import { controls } from "./controls/all.ts";
import { evaluate } from "./controls/control.ts";
import { synthesized } from "./synthesized.ts";

// A stage that keeps no record, as `T2M_RECORD` says.
const { all, lambda, only, resources, statementsOf } = synthesized("dev");
const specs = Object.entries(functions) as [FunctionName, FunctionSpec][];
const isOfRecord = (name: string) => specs.some(([each, { database }]) => each === name && database);
const ofRecord = [...specs.map(([name]) => name).filter(isOfRecord), "rotate-admin"];

test("[A10.5] without a record there is no database, no network and nothing else that is paid by the hour", () => {
  const types = new Set(resources.map(({ type }) => type.split(":")[1]?.split("/")[0]));
  expect([...types]).not.toContain("rds");
  expect([...types]).not.toContain("ec2");
  expect([...types]).not.toContain("vpc");
  expect(all("aws:secretsmanager/secret:Secret").map(({ inputs }) => inputs.name)).toEqual([
    "dev-t2m-gemini",
  ]);
  expect(only("aws:kms/key:Key").name).toBe("DataKey");
});

test("what needs the record is left out, and nothing that stays knows a network, a database or its secret", () => {
  const names = all("aws:lambda/function:Function").map(({ inputs }) => String(inputs.name));
  const expected = specs.map(([name]) => name).filter((name) => !ofRecord.includes(name));
  expect(names.sort()).toEqual(expected.map((name) => `dev-t2m-${name}`).sort());
  for (const name of expected) {
    const { vpcConfig, environment } = lambda(name).inputs;
    expect(vpcConfig, name).toBeUndefined();
    expect(JSON.stringify(environment), name).not.toContain("T2M_DATABASE_");
    expect(JSON.stringify(statementsOf(name)), name).not.toMatch(/rds-db|ec2:|secretsmanager:/);
  }
});

test("the API has the routes of uploads and conversions; of the record's it says that they are not there", () => {
  const keys = all("aws:apigatewayv2/route:Route").map(({ inputs }) => inputs.routeKey);
  const answers = new Map<string, FunctionName>(Object.entries(http));
  const live = Object.entries(api).filter(([name, { route }]) => {
    return !("stream" in route) && !isOfRecord(answers.get(name) ?? "");
  });
  expect(keys.sort()).toEqual(live.map(([, { route }]) => `${route.method} ${route.path}`).sort());
  expect(keys).toContain("POST /jobs");
  expect(keys.join()).not.toMatch(/history|batches|admin/);
});

test("nothing starts, watches or draws what is not there", () => {
  const starts = ["lambda/eventSourceMapping:EventSourceMapping", "scheduler/schedule:Schedule"]
    .flatMap((type) => all(`aws:${type}`))
    .concat(all("aws:s3/bucketNotification:BucketNotification"));
  const rest = ["cloudwatch/metricAlarm:MetricAlarm", "cloudwatch/dashboard:Dashboard"].flatMap((type) =>
    all(`aws:${type}`),
  );
  for (const { name, inputs } of [...starts, ...rest]) {
    const text = JSON.stringify(inputs);
    for (const gone of ofRecord) expect(text, name).not.toMatch(new RegExp(`dev-t2m-${gone}\\b(?!-)`));
    expect(text, name).not.toMatch(/AWS\/RDS|undefined/);
  }
  expect(starts.length).toBeGreaterThan(4);
});

test("[V7.1] the live table and results are backed up all the same", () => {
  const { resources: kept } = only("aws:backup/selection:Selection").inputs;
  expect(JSON.stringify(kept)).toMatch(/table\/dev-t2m-live.*dev-t2m-videos.*dev-t2m-code/);
});

test("[A1.5] it keeps every control that production pays nothing for", () => {
  const production = evaluate(controls, synthesized("production").resources).map(({ id }) => id);
  const paidFor = [
    ...[
      "S3.7",
      "DynamoDB.6",
      "own.backup-rhythm",
      "own.backup-elsewhere",
      "own.backup-what",
      "own.vault-lock",
    ],
    ...["CloudTrail.1", "CloudFront.6", "CloudFront.7", "CloudFront.8", "CloudFront.15"],
  ];
  const found = evaluate(controls, resources).filter(({ id }) => ![...production, ...paidFor].includes(id));
  expect(found).toEqual([]);
});
