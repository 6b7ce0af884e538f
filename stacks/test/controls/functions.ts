import { functions, objectTriggers, schedules } from "@t2m/functions/manifest";
import { type Resource, waitsFor } from "../synthesized.ts";
import { type Control, is, isOpenToAll, property, statementsOf, valueAt } from "./control.ts";

const lambda = "aws:lambda/function:Function";
const invoked = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";
const group = "aws:cloudwatch/logGroup:LogGroup";
const nameOf = ({ inputs }: Resource) => String(inputs.name).replace(/^.*?-t2m-/, "");
const waitsForNobody = [...objectTriggers, ...schedules].map((trigger): string => trigger.function);
/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const currentRuntimes = ["nodejs22.x", "nodejs24.x"];

function limitOf(name: string): boolean {
  const spec = Object.entries(functions).find(([each]) => each === name)?.[1];
  return spec !== undefined && ("layers" in spec || "concurrency" in spec);
}

export const functionControls: Control[] = [
  {
    id: "Lambda.1",
    promise: "not everybody starts it",
    type: "aws:lambda/permission:Permission",
    check: ({ inputs }) =>
      inputs.principal === "*" || !inputs.sourceArn ? "is open to everybody" : undefined,
  },
  property(
    "own.url",
    "aws:lambda/functionUrl:FunctionUrl",
    "authorizationType",
    "its address wants AWS's signature",
    is("AWS_IAM"),
  ),
  property("Lambda.2", lambda, "runtime", "a runtime that AWS mends", (name) =>
    currentRuntimes.includes(String(name)),
  ),
  {
    id: "Lambda.5",
    promise: "in two zones, where it is in the network at all",
    type: lambda,
    check: ({ inputs }) => {
      const subnets = valueAt(inputs, "vpcConfig.subnetIds");
      return !subnets || (Array.isArray(subnets) && subnets.length > 1) ? undefined : "is in one zone";
    },
  },
  property("own.traces", lambda, "tracingConfig.mode", "traced", is("Active")),
  property("own.logs", lambda, "loggingConfig.logFormat", "logs as JSON", is("JSON")),
  property(
    "own.environment-key",
    lambda,
    "kmsKeyArn",
    "its settings are encrypted by a key of ours",
    Boolean,
  ),
  {
    id: "own.environment",
    promise: "no secret among its settings",
    type: lambda,
    check: ({ inputs }) => {
      const variables = Object.keys(valueAt(inputs, "environment.variables") ?? {});
      // This one names a secret, and holds none.
      const suspects = variables.filter((name) => name !== "T2M_DATABASE_SECRET");
      const secret = suspects.filter((name) => /SST_|PASSWORD|SECRET|TOKEN|API_?KEY|CREDENTIAL/.test(name));
      return secret.length > 0 ? `is given ${secret}` : undefined;
    },
  },
  {
    id: "own.migrated",
    promise: "the database has its schema before what uses rows is changed",
    type: lambda,
    check: (resource, all) => {
      const spec = Object.entries(functions).find(([each]) => each === nameOf(resource))?.[1];
      if (!spec || !("database" in spec) || spec.database !== "app") return undefined;
      const migrations = all.filter(
        ({ type, inputs }) =>
          type === "aws:lambda/invocation:Invocation" && /-t2m-migrate$/.test(String(inputs.functionName)),
      );
      const before = waitsFor(all, resource);
      return migrations.some(({ type, name }) => before.has(`${type} ${name}`))
        ? undefined
        : "does not wait for the migration";
    },
  },
  {
    id: "own.migrated-each-time",
    promise: "each deployment migrates, with a password at hand",
    type: "aws:lambda/invocation:Invocation",
    check: (resource, all) => {
      const before = waitsFor(all, resource);
      const needs = ["SecretRotation Rotation", "Instance Database", "Function MigrateFunction"];
      const missing = needs.filter((need) => ![...before].some((each) => each.endsWith(`:${need}`)));
      if (missing.length > 0) return `does not wait for ${missing}`;
      return valueAt(resource.inputs, "triggers.deployedAt") ? undefined : "runs once and never again";
    },
  },
  {
    id: "own.concurrency",
    promise: "what costs most has a limit",
    type: lambda,
    check: (resource) =>
      limitOf(nameOf(resource)) && !resource.inputs.reservedConcurrentExecutions ? "has no limit" : undefined,
  },
  {
    id: "own.failures",
    promise: "what cannot be done is kept",
    type: lambda,
    check: (resource, all) => {
      if (!waitsForNobody.includes(nameOf(resource))) return undefined;
      const config = all.find(
        ({ type, inputs }) => type === invoked && inputs.functionName === resource.inputs.name,
      );
      const kept = valueAt(config?.inputs, "destinationConfig.onFailure.destination");
      return kept && valueAt(config?.inputs, "maximumRetryAttempts") === 2
        ? undefined
        : "forgets what failed";
    },
  },
  property("own.log-retention", group, "retentionInDays", "kept a month", (days) => Number(days) >= 30),
  {
    id: "own.log-key",
    promise: "encrypted by a key of ours",
    type: group,
    check: ({ inputs }) => (inputs.kmsKeyId ? undefined : "is encrypted by CloudWatch's key"),
  },
  {
    id: "SQS.1",
    promise: "encrypted",
    type: "aws:sqs/queue:Queue",
    check: ({ inputs }) =>
      inputs.sqsManagedSseEnabled || inputs.kmsMasterKeyId ? undefined : "is not encrypted",
  },
  {
    id: "SQS.3",
    promise: "not open to everybody",
    type: "aws:sqs/queue:Queue",
    check: ({ name }, all) => {
      const policies = all.filter(
        ({ type, inputs }) =>
          type === "aws:sqs/queuePolicy:QueuePolicy" && String(inputs.queueUrl).includes(name),
      );
      return policies.some(({ inputs }) => statementsOf(inputs.policy).some(isOpenToAll))
        ? "is open to everybody"
        : undefined;
    },
  },
  property("SNS.1", "aws:sns/topic:Topic", "kmsMasterKeyId", "encrypted by a key of ours", Boolean),
  {
    id: "SNS.4",
    promise: "not open to everybody",
    type: "aws:sns/topicPolicy:TopicPolicy",
    check: ({ inputs }) =>
      statementsOf(inputs.policy).some(isOpenToAll) ? "is open to everybody" : undefined,
  },
];
