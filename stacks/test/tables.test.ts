import { schedules, streamTriggers } from "@t2m/functions/manifest";
import { describe, expect, test } from "vitest";
import { stages, statementsOf, synthesized } from "./synthesized.ts";

describe.each(stages)("%s", (stage) => {
  const { all, where } = synthesized(stage);
  const region = stage === "dev" ? "us-east-1" : "eu-central-1";
  const lambdaArn = (name: string) => `arn:aws:lambda:${region}:123456789012:function:${stage}-t2m-${name}`;
  const failures = `arn:aws:sqs:${region}:123456789012:${stage}-t2m-failures`;
  const table = where("aws:dynamodb/table:Table", "name", `${stage}-t2m-live`).inputs;

  test("the live table has its keys and the index of what is due, and costs nothing at rest", () => {
    expect(all("aws:dynamodb/table:Table")).toHaveLength(1);
    expect(table).toMatchObject({
      billingMode: "PAY_PER_REQUEST",
      hashKey: "pk",
      rangeKey: "sk",
      attributes: [
        { name: "pk", type: "S" },
        { name: "sk", type: "S" },
        { name: "dueShard", type: "S" },
        { name: "dueAt", type: "N" },
      ],
      globalSecondaryIndexes: [
        { name: "due", hashKey: "dueShard", rangeKey: "dueAt", projectionType: "KEYS_ONLY" },
      ],
    });
  });

  test("[C6.1] items end by their attribute expiresAt, and the stream carries what they were", () => {
    expect(table.ttl).toEqual({ attributeName: "expiresAt", enabled: true });
    expect(table).toMatchObject({ streamEnabled: true, streamViewType: "NEW_AND_OLD_IMAGES" });
  });

  test("the live table can be brought back to any second, and in production nobody deletes it by accident", () => {
    expect(table.pointInTimeRecovery).toEqual({ enabled: true });
    expect(table.deletionProtectionEnabled).toBe(stage === "production");
  });

  test("[C6.5] a follower of the stream sees only its records; one that fails is alone retried, then kept", () => {
    const mappings = all("aws:lambda/eventSourceMapping:EventSourceMapping");
    expect(mappings).toHaveLength(streamTriggers.length);
    for (const trigger of streamTriggers) {
      const mapping = mappings.find(({ inputs }) => inputs.functionName === lambdaArn(trigger.function));
      expect(mapping?.inputs).toMatchObject({
        batchSize: trigger.batchSize,
        maximumRetryAttempts: trigger.retries,
        bisectBatchOnFunctionError: true,
        functionResponseTypes: ["ReportBatchItemFailures"],
        destinationConfig: { onFailure: { destinationArn: failures } },
      });
    }
    expect(mappings[0]?.inputs.filterCriteria).toEqual({
      filters: [
        {
          pattern: JSON.stringify({
            eventName: ["REMOVE"],
            dynamodb: { OldImage: { entity: { S: ["upload", "job"] } } },
          }),
        },
      ],
    });
  });

  test("every schedule of the manifest runs its function and may start no other", () => {
    const running = all("aws:scheduler/schedule:Schedule").map(({ inputs }) => inputs);
    expect(running).toHaveLength(schedules.length);
    const rates: Record<number, string> = { 1: "rate(1 minute)", 60: "rate(60 minutes)" };
    for (const schedule of schedules) {
      expect(running).toContainEqual(
        expect.objectContaining({
          scheduleExpression: rates[schedule.everyMinutes],
          state: "ENABLED",
          target: expect.objectContaining({
            arn: lambdaArn(schedule.function),
            deadLetterConfig: { arn: failures },
          }),
        }),
      );
    }
    const roles = all("aws:iam/role:Role").filter(({ inputs }) =>
      JSON.stringify(inputs.assumeRolePolicy).includes("scheduler.amazonaws.com"),
    );
    expect(roles).toHaveLength(schedules.length);
    for (const schedule of schedules) {
      expect(roles.map((role) => statementsOf(role))).toContainEqual([
        { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: [lambdaArn(schedule.function)] },
        { Effect: "Allow", Action: ["sqs:SendMessage"], Resource: [failures] },
      ]);
    }
  });
});
