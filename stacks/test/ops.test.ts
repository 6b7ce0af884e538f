import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { functions, objectTriggers, schedules, streamTriggers } from "@t2m/functions/manifest";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { account } from "./synth/answers.ts";
import { regionOf, stages, statementsIn, synthesized } from "./synthesized.ts";

const runbook = readFileSync(resolve(import.meta.dirname, "../../docs/runbooks/alarms.md"), "utf8");

describe.each(stages)("%s", (stage) => {
  const { all, where } = synthesized(stage);
  const region = regionOf(stage);
  const topic = `arn:aws:sns:${region}:${account}:${stage}-t2m-alerts`;
  const alarms = all("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);
  const alarm = (name: string) =>
    where("aws:cloudwatch/metricAlarm:MetricAlarm", "name", `${stage}-t2m-${name}`).inputs;
  const names = alarms.map(({ name }) => String(name).replace(`${stage}-t2m-`, ""));

  test("[A7.3] every alarm tells somebody when it begins and when it is over, and a stage at rest is silent", () => {
    expect(alarms.length).toBeGreaterThan(15);
    for (const each of alarms) {
      expect(each, String(each.name)).toMatchObject({
        alarmActions: [topic],
        okActions: [topic],
        treatMissingData: "notBreaching",
      });
    }
    const subscriptions = all("aws:sns/topicSubscription:TopicSubscription").map(({ inputs }) => inputs);
    const address = { staging: "staging@example.org", production: "operations@example.org", qa: undefined }[
      stage
    ];
    expect(subscriptions).toEqual(address ? [{ topic, protocol: "email", endpoint: address }] : []);
  });

  test("every alarm has its place in docs/runbooks/alarms.md, and says so", () => {
    for (const name of names) {
      // Those that the manifest leads to are there by their kind, so that a new function touches nothing here.
      const kind = name.replace(/^.*-/, "*-");
      const isThere = [name, kind].some((each) => runbook.includes(`\`${each}\``));
      expect(isThere, name).toBe(true);
      expect(alarm(name).alarmDescription).toContain("docs/runbooks/alarms.md");
    }
  });

  test("[A7.2] errors, latency, queues, followers, conversions and the database are watched", () => {
    const asynchronous = [...objectTriggers, ...schedules, ...streamTriggers].map((each) => each.function);
    expect(names).toEqual(
      expect.arrayContaining([
        ...["api-errors", "api-latency", "table-throttled", "conversions-fail", "access-denied"],
        ...[
          "failures-arrived",
          "failures-old",
          "database-cpu",
          "database-connections",
          "database-storage",
          "record-breaker",
          "records-refused",
          "backups-fail",
        ],
        ...asynchronous.map((name) => `${name}-errors`),
        ...streamTriggers.map(({ function: name }) => `${name}-lags`),
        ...objectTriggers.flatMap(({ function: name }) => [
          `${name}-waits`,
          `${name}-throttled`,
          `${name}-dropped`,
        ]),
        ...Object.entries(functions).flatMap(([name, spec]) =>
          "streaming" in spec ? [`${name}-errors`] : [],
        ),
        ...(stage === "production" ? ["database-replica-lags"] : []),
      ]),
    );
    expect(alarm("api-latency")).toMatchObject({
      namespace: "AWS/ApiGateway",
      metricName: "Latency",
      extendedStatistic: "p95",
      threshold: 1000,
      dimensions: { ApiId: "ApiApi-id" },
    });
    expect(alarm("failures-arrived")).toMatchObject({
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: `${stage}-t2m-failures` },
      threshold: 0,
    });
    expect(alarm("cleanup-lags")).toMatchObject({
      metricName: "IteratorAge",
      dimensions: { FunctionName: `${stage}-t2m-cleanup` },
      threshold: 300_000,
    });
    const backups = JSON.stringify(alarm("backups-fail").metricQueries);
    for (const job of ["BackupJobsFailed", "BackupJobsAborted", "BackupJobsExpired", "CopyJobsFailed"]) {
      expect(backups).toContain(`"metricName":"NumberOf${job}"`);
    }
    expect(backups).toContain(`{"BackupVaultName":"${stage}-t2m"}`);
    expect(alarm("database-storage")).toMatchObject({
      comparisonOperator: "LessThanThreshold",
      threshold: 2 * 1024 ** 3,
    });
    expect(alarm("database-cpu").dimensions).toEqual({ DBInstanceIdentifier: `${stage}-t2m` });
  });

  test("an alarm on a share has all that it reckons with, at the stage's own", () => {
    const Queries = z.array(
      z.looseObject({
        id: z.string(),
        expression: z.optional(z.string()),
        metric: z.optional(z.looseObject({ dimensions: z.record(z.string(), z.string()) })),
      }),
    );
    for (const each of alarms.filter(({ metricQueries }) => metricQueries)) {
      const queries = Queries.parse(each.metricQueries);
      const ids = queries.filter(({ metric }) => metric).map(({ id }) => id);
      const expression = queries.find(({ id }) => id === "result")?.expression ?? "";
      for (const id of ids) expect(expression).toContain(id);
      expect(ids.length).toBeGreaterThan(0);
      const dimensions = JSON.stringify(queries.map(({ metric }) => metric?.dimensions));
      expect(dimensions).toMatch(new RegExp(`ApiApi-id|"${stage}`));
    }
  });

  test("[A8.4] [V3.3] who touched which media object is written down, where it cannot be altered", () => {
    const [trail, ...others] = all("aws:cloudtrail/trail:Trail");
    expect(others).toEqual([]);
    const bucket = `${stage}-t2m-trail-${region}-${account}`;
    const media = ["uploads", "videos", "code", "thumbnails"].map(
      (kind) => `arn:aws:s3:::${stage}-t2m-${kind}-${region}-${account}/`,
    );
    const Selectors = z.array(z.object({ name: z.string(), fieldSelectors: z.array(z.unknown()) }));
    const selectors = Selectors.parse(trail?.inputs.advancedEventSelectors);
    expect(selectors[0]?.fieldSelectors).toEqual([
      { field: "eventCategory", equals: ["Data"] },
      { field: "resources.type", equals: ["AWS::S3::Object"] },
      { field: "resources.ARN", startsWiths: media },
    ]);
    const calls = selectors.filter(({ fieldSelectors }) =>
      JSON.stringify(fieldSelectors).includes("Management"),
    );
    expect(calls).toHaveLength(stage === "production" ? 1 : 0);
    expect(trail?.inputs).toMatchObject({
      name: `${stage}-t2m`,
      s3BucketName: bucket,
      kmsKeyId: expect.stringContaining(":key/"),
      enableLogFileValidation: true,
      isMultiRegionTrail: stage === "production",
      cloudWatchLogsGroupArn: `arn:aws:logs:${region}:${account}:log-group:/aws/cloudtrail/${stage}-t2m:*`,
    });
    const policy = statementsIn(where("aws:s3/bucketPolicy:BucketPolicy", "bucket", bucket).inputs.policy);
    const trailArn = `arn:aws:cloudtrail:${region}:${account}:trail/${stage}-t2m`;
    expect(policy.filter(({ Effect }) => Effect === "Allow")).toEqual(
      [
        { Action: ["s3:GetBucketAcl"], Resource: [`arn:aws:s3:::${bucket}`] },
        { Action: ["s3:PutObject"], Resource: [`arn:aws:s3:::${bucket}/AWSLogs/*`] },
      ].map((statement) => ({
        Effect: "Allow",
        Principal: { Service: ["cloudtrail.amazonaws.com"] },
        ...statement,
        Condition: { StringEquals: { "aws:SourceArn": [trailArn] } },
      })),
    );
  });

  test("[V3.5] denied access is counted from the trail, and ten times in five minutes tell somebody", () => {
    const [filter] = all("aws:cloudwatch/logMetricFilter:LogMetricFilter");
    expect(filter?.inputs).toMatchObject({
      logGroupName: `/aws/cloudtrail/${stage}-t2m`,
      pattern: expect.stringMatching(/errorCode = "\*AccessDenied\*".*UnauthorizedOperation/),
      metricTransformation: { namespace: "t2m", name: `${stage}-access-denied`, value: "1" },
    });
    expect(alarm("access-denied")).toMatchObject({
      namespace: "t2m",
      metricName: `${stage}-access-denied`,
      threshold: 10,
    });
  });

  test("only AWS's own services of this account tell, over TLS, encrypted by a key that they may use", () => {
    const statements = statementsIn(where("aws:sns/topicPolicy:TopicPolicy", "arn", topic).inputs.policy);
    expect(statements).toHaveLength(2);
    expect(statements[0]).toMatchObject({
      Effect: "Allow",
      Action: ["sns:Publish"],
      Condition: { StringEquals: { "aws:SourceAccount": [account] } },
    });
    expect(statements[1]).toMatchObject({
      Effect: "Deny",
      Condition: { Bool: { "aws:SecureTransport": ["false"] } },
    });
    const { kmsMasterKeyId } = where("aws:sns/topic:Topic", "name", `${stage}-t2m-alerts`).inputs;
    const Principal = z.object({ Service: z.array(z.string()) });
    const { Service } = Principal.parse(statements[0]?.Principal);
    const keys = all("aws:kms/key:Key").find(({ name }) => String(kmsMasterKeyId).endsWith(`key/${name}`));
    for (const service of Service) expect(keys?.inputs.policy).toContain(service);
  });

  test("[A7.4] one page answers whether it is well and what it costs", () => {
    const [dashboard] = all("aws:cloudwatch/dashboard:Dashboard");
    expect(dashboard?.inputs.dashboardName).toBe(`${stage}-t2m`);
    const Body = z.object({
      widgets: z.array(
        z.looseObject({
          type: z.string(),
          properties: z.looseObject({
            title: z.string(),
            region: z.optional(z.string()),
            alarms: z.optional(z.array(z.string())),
            metrics: z.optional(z.array(z.array(z.unknown()))),
          }),
        }),
      ),
    });
    const { widgets } = Body.parse(JSON.parse(String(dashboard?.inputs.dashboardBody)));
    expect(widgets[0]?.properties.alarms).toHaveLength(alarms.length);
    const text = JSON.stringify(widgets);
    for (const told of [
      "Latency",
      "5xx",
      "conversionsFailed",
      "IteratorAge",
      "CPUUtilization",
      "EstimatedCharges",
    ]) {
      expect(text).toContain(told);
    }
    expect(widgets.map(({ properties }) => properties.title)).toContain(
      "What use costs (USD a day, at list prices)",
    );
    for (const { properties } of widgets.slice(1)) {
      expect(properties.metrics?.length, properties.title).toBeGreaterThan(0);
      expect([region, "us-east-1"], properties.title).toContain(properties.region);
    }
    expect(text).not.toMatch(/undefined|\[object/);
  });

  test("[A7.6] [A10.4] everything is tagged by its stage; a budget and a look at the unusual go by that tag", () => {
    expect(synthesized(stage).app).toMatchObject({
      providers: { aws: { defaultTags: { tags: { application: "t2m", stage } } } },
    });
    const [budget] = all("aws:budgets/budget:Budget");
    expect(budget?.inputs).toMatchObject({
      budgetType: "COST",
      timeUnit: "MONTHLY",
      limitAmount: stage === "production" ? "500" : "50",
      limitUnit: "USD",
      costFilters: [{ name: "TagKeyValue", values: [`user:stage$${stage}`] }],
    });
    const Notifications = z.array(
      z.looseObject({ threshold: z.number(), subscriberSnsTopicArns: z.array(z.string()) }),
    );
    const notifications = Notifications.parse(budget?.inputs.notifications);
    expect(notifications.map(({ notificationType, threshold }) => [notificationType, threshold])).toEqual([
      ["ACTUAL", 80],
      ["ACTUAL", 100],
      ["FORECASTED", 100],
    ]);
    for (const each of notifications) expect(each.subscriberSnsTopicArns).toEqual([topic]);
    const [monitor] = all("aws:costexplorer/anomalyMonitor:AnomalyMonitor");
    expect(JSON.parse(String(monitor?.inputs.monitorSpecification))).toMatchObject({
      Tags: { Key: "stage", Values: [stage] },
    });
    const [subscription] = all("aws:costexplorer/anomalySubscription:AnomalySubscription");
    expect(subscription?.inputs).toMatchObject({
      frequency: "IMMEDIATE",
      subscribers: [{ type: "SNS", address: topic }],
    });
  });

  test("[V5.4] every function's log and the API's can be asked by questions that are saved", () => {
    const queries = all("aws:cloudwatch/queryDefinition:QueryDefinition").map(({ inputs }) => inputs);
    expect(queries.map(({ name }) => name).sort()).toEqual(
      ["Conversions", "Errors", "One job", "Slow answers", "Where the time goes", "Who was denied what"].map(
        (name) => `${stage}-t2m/${name}`,
      ),
    );
    const groups = new Set(all("aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs.name));
    for (const { name, logGroupNames } of queries) {
      for (const group of z.array(z.string()).parse(logGroupNames))
        expect(groups, String(name)).toContain(group);
    }
    const errors = queries.find(({ name }) => String(name).endsWith("/Errors"));
    expect(errors?.logGroupNames).toHaveLength(Object.keys(functions).length);
  });
});
