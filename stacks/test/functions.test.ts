import { Environment } from "@t2m/contract/environment";
import { functions, objectTriggers, schedules, streamTriggers } from "@t2m/functions/manifest";
import type { FunctionSpec } from "@t2m/functions/manifest/spec";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { regionOf, stages, synthesized } from "./synthesized.ts";

const specs: [string, FunctionSpec][] = Object.entries(functions);
const isStarted = (by: readonly { function: string }[], name: string) => by.some((t) => t.function === name);

describe.each(stages)("%s", (stage) => {
  const { all, lambda, statementsOf, where } = synthesized(stage);
  const account = "123456789012";
  const region = regionOf(stage);
  const table = `arn:aws:dynamodb:${region}:${account}:table/${stage}-t2m-live`;
  const bucket = (kind: string) => `arn:aws:s3:::${stage}-t2m-${kind}-${region}-${account}`;
  const failures = `arn:aws:sqs:${region}:${account}:${stage}-t2m-failures`;

  test("[A1.1] [A2.2] every function of the manifest is a Lambda function as it says, and there is no other", () => {
    expect(all("aws:lambda/function:Function")).toHaveLength(specs.length);
    for (const [name, spec] of specs) {
      expect(lambda(name).inputs, name).toMatchObject({
        runtime: "nodejs24.x",
        handler: "index.handler",
        memorySize: spec.memoryMb,
        timeout: spec.timeoutSeconds,
        ephemeralStorage: { size: spec.diskMb ?? 512 },
        architectures: [spec.layers ? "x86_64" : "arm64"],
        tracingConfig: { mode: "Active" },
      });
      const converters = stage === "production" ? 50 : 10;
      const limit = spec.layers ? converters : spec.concurrency;
      expect(lambda(name).inputs.reservedConcurrentExecutions, name).toBe(limit);
      expect(lambda(name).inputs.layers ?? [], name).toHaveLength(spec.layers?.length ?? 0);
    }
  });

  /** What a function is told of Postgres. */
  const databaseVariables = ({ database }: FunctionSpec) => {
    if (!database) return [];
    const own = database === "owner" ? ["APP_USER", "SECRET"] : [];
    const reader = database === "app" && stage === "production" ? ["READER_HOST"] : [];
    return ["HOST", "PORT", "NAME", "USER", ...own, ...reader].map((name) => `T2M_DATABASE_${name}`);
  };

  test("[C7.2] [V5.2] every function is given what it reads from its environment, and nothing that leads away from AWS", () => {
    const Variables = z.object({ variables: z.record(z.string(), z.string()) });
    for (const [name, spec] of specs) {
      const { variables } = Variables.parse(lambda(name).inputs.environment);
      expect(Environment.safeParse(variables).error, name).toBeUndefined();
      const expected = Object.keys(Environment.shape).filter(
        (variable) =>
          !variable.startsWith("T2M_DATABASE_") &&
          (spec.layers || !["T2M_FFMPEG", "T2M_FFPROBE"].includes(variable)),
      );
      expected.push(...databaseVariables(spec));
      expect(Object.keys(variables).sort(), name).toEqual(expected.sort());
      expect(variables).toMatchObject({
        T2M_STAGE: stage,
        T2M_LIVE_TABLE: `${stage}-t2m-live`,
        T2M_BUCKET_UPLOADS: `${stage}-t2m-uploads-${region}-${account}`,
        T2M_BUCKET_TEMP: `${stage}-t2m-temp-${region}-${account}`,
      });
    }
  });

  test("a stage's own limits reach its functions", () => {
    expect(lambda("create-upload").inputs.environment).toMatchObject({
      variables:
        stage !== "production"
          ? {
              T2M_RETENTION_SECONDS: "86400",
              T2M_MAXIMUM_UPLOAD_BYTES: String(50 * 1024 ** 3),
              T2M_QUEUE_PER_USER: "4",
              T2M_QUEUE_ALL: "10",
            }
          : {
              T2M_RETENTION_SECONDS: "259200",
              T2M_MAXIMUM_UPLOAD_BYTES: "1000000000",
              T2M_MAXIMUM_MEDIA_SECONDS: "7200",
              T2M_LEASE_SECONDS: "30",
              T2M_QUEUE_PER_USER: "8",
              T2M_QUEUE_ALL: "50",
              T2M_ISSUER: "https://people.example.org",
              T2M_AUDIENCE: "t2m-production",
            },
    });
  });

  test("ffmpeg is where the converter looks for it", () => {
    const layer = where("aws:lambda/layerVersion:LayerVersion", "layerName", `${stage}-t2m-ffmpeg`).inputs;
    expect(layer).toMatchObject({
      compatibleArchitectures: ["x86_64"],
      s3Bucket: `${stage}-t2m-code-${region}-${account}`,
    });
    expect(layer.s3Key).toMatch(/^layers\/ffmpeg-[0-9a-f]{12}\.zip$/);
    expect(lambda("convert").inputs).toMatchObject({
      layers: [`arn:aws:lambda:${region}:${account}:layer:${stage}-t2m-ffmpeg:1`],
      environment: { variables: { T2M_FFMPEG: "/opt/bin/ffmpeg", T2M_FFPROBE: "/opt/bin/ffprobe" } },
    });
  });

  const logs = (name: string) => ({
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: [`arn:aws:logs:${region}:${account}:log-group:/aws/lambda/${stage}-t2m-${name}:*`],
  });
  const traces = {
    Effect: "Allow",
    Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    Resource: ["*"],
  };
  const fail = { Effect: "Allow", Action: ["sqs:SendMessage"], Resource: [failures] };

  const key = (verbs: string[], service: string, name = "DataKey") => ({
    Effect: "Allow",
    Action: verbs.map((verb) => `kms:${verb}`),
    Resource: [`arn:aws:kms:${region}:${account}:key/${name}`],
    Condition: { StringEquals: { "kms:ViaService": [`${service}.${region}.amazonaws.com`] } },
  });

  test("[V3.1] [A4.5] a handler's role is what its grants say, word for word", () => {
    expect(statementsOf("get-job")).toEqual([
      { Effect: "Allow", Action: ["dynamodb:GetItem"], Resource: [table] },
      key(["Decrypt"], "dynamodb"),
      logs("get-job"),
      traces,
    ]);
    expect(statementsOf("list-presets")).toEqual([logs("list-presets"), traces]);
    expect(statementsOf("sign-output")).toContainEqual(key(["Decrypt"], "s3"));
    expect(statementsOf("sign-parts")).toContainEqual(key(["Decrypt", "GenerateDataKey"], "s3"));
    expect(statementsOf("check-health")).toContainEqual({
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: [bucket("uploads")],
      Condition: { StringLike: { "s3:prefix": ["users/*"] } },
    });
  });

  test("[A5.4] the administrator's secret is open to the function that rotates it, and no other secret to anybody", () => {
    const secret = `arn:aws:secretsmanager:${region}:${account}:secret:${stage}-t2m-database-admin-AbCdEf`;
    expect(statementsOf("rotate-admin").slice(0, 3)).toEqual([
      {
        Effect: "Allow",
        Action: ["GetSecretValue", "DescribeSecret", "PutSecretValue", "UpdateSecretVersionStage"].map(
          (action) => `secretsmanager:${action}`,
        ),
        Resource: [secret],
      },
      {
        Effect: "Allow",
        Action: ["rds:DescribeDBInstances", "rds:ModifyDBInstance"],
        Resource: [`arn:aws:rds:${region}:${account}:db:${stage}-t2m`],
      },
      key(["Decrypt", "GenerateDataKey"], "secretsmanager", "SecretsKey"),
    ]);
    for (const [name, { database }] of specs.filter(([name]) => name !== "rotate-admin")) {
      const mayRead = JSON.stringify(statementsOf(name)).match(/(?<=")secretsmanager:\w+(?=")/g) ?? [];
      expect(mayRead, name).toEqual(database === "owner" ? ["secretsmanager:GetSecretValue"] : []);
    }
  });

  test("only the sweep of what is due may query the index of it", () => {
    const due = { Effect: "Allow", Action: ["dynamodb:Query"], Resource: [`${table}/index/due`] };
    expect(statementsOf("sweep-due")).toContainEqual(due);
    for (const [name] of specs.filter(([name]) => name !== "sweep-due")) {
      expect(JSON.stringify(statementsOf(name)), name).not.toContain("/index/");
    }
  });

  test("the follower of the stream may read it, list its bucket's leftovers and report what it could not do", () => {
    const statements = statementsOf("cleanup");
    expect(statements).toContainEqual({
      Effect: "Allow",
      Action: [
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
      ],
      Resource: [`${table}/stream/2026-01-01T00:00:00.000`],
    });
    expect(statements).toContainEqual({
      Effect: "Allow",
      Action: ["s3:ListBucketMultipartUploads"],
      Resource: [bucket("videos")],
    });
    expect(statements).toContainEqual(fail);
  });

  test("[V3.1] [A8.3] no role can do more than its function's grants, and none has a wildcard action", () => {
    for (const [name, spec] of specs) {
      const granted = spec.grants.flatMap((grant) => {
        const { actions } = grant;
        if ("table" in grant) {
          const on = grant.index ? `${table}/index/${grant.index}` : table;
          return actions.map((action) => `dynamodb:${action} ${on}`);
        }
        if (!("bucket" in grant)) return [];
        const whole = (action: string) => action.startsWith("ListBucket");
        const below = `${bucket(grant.bucket)}/${grant.prefix}*`;
        return actions.map((action) => `s3:${action} ${whole(action) ? bucket(grant.bucket) : below}`);
      });
      const allowed = statementsOf(name)
        .filter(({ Action: [first = ""] }) => /^(dynamodb|s3):/.test(first) && !/Stream|Shard/.test(first))
        .flatMap(({ Action, Resource = [] }) => Action.flatMap((a) => Resource.map((r) => `${a} ${r}`)));
      expect(allowed.sort(), name).toEqual(granted.sort());
    }
    for (const role of all("aws:iam/role:Role")) {
      expect(JSON.stringify(role.inputs.inlinePolicies) ?? "", role.name).not.toMatch(/"Action":\[[^\]]*\*/);
    }
    const elsewhere = ["aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy"];
    expect([...elsewhere, "aws:iam/rolePolicyAttachment:RolePolicyAttachment"].flatMap(all)).toEqual([]);
  });

  test("[A8.3] Lambda takes on a function's role, and nobody else can", () => {
    for (const [name] of specs) {
      const role = where("aws:iam/role:Role", "name", String(lambda(name).inputs.role).split("/").at(-1));
      expect(role.inputs.assumeRolePolicy, name).toMatchObject({
        Statement: [
          { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      });
    }
  });

  test("[A7.5] every log is kept 30 days or more, functions write theirs as JSON", () => {
    const groups = all("aws:cloudwatch/logGroup:LogGroup");
    for (const { name, inputs } of groups) {
      expect(inputs.retentionInDays, name).toBeGreaterThanOrEqual(30);
    }
    for (const [name] of specs) {
      const logGroup = `/aws/lambda/${stage}-t2m-${name}`;
      expect(lambda(name).inputs.loggingConfig, name).toEqual({ logFormat: "JSON", logGroup });
      expect(groups.map(({ inputs }) => inputs.name)).toContain(logGroup);
    }
  });

  test("an event whose function fails is tried twice more, then kept for two weeks", () => {
    const asynchronous = specs
      .map(([name]) => name)
      .filter((name) => isStarted([...objectTriggers, ...schedules], name));
    expect(all("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")).toHaveLength(
      asynchronous.length,
    );
    for (const name of asynchronous) {
      const type = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";
      expect(where(type, "functionName", `${stage}-t2m-${name}`).inputs, name).toMatchObject({
        maximumRetryAttempts: 2,
        destinationConfig: { onFailure: { destination: failures } },
      });
    }
    for (const [name] of specs) {
      const mayFail = asynchronous.includes(name) || isStarted(streamTriggers, name);
      expect(
        statementsOf(name).filter(({ Action }) => Action.includes("sqs:SendMessage")),
        name,
      ).toEqual(mayFail ? [fail] : []);
    }
    expect(where("aws:sqs/queue:Queue", "name", `${stage}-t2m-failures`).inputs).toMatchObject({
      messageRetentionSeconds: 14 * 24 * 3600,
      sqsManagedSseEnabled: true,
    });
  });

  test("nothing may start a function but the service that should, from this account", () => {
    for (const { name, inputs } of all("aws:lambda/permission:Permission")) {
      expect(inputs.principal, name).toMatch(/^(apigateway|s3|secretsmanager|cloudfront)\.amazonaws\.com$/);
      expect(inputs.sourceArn, name).toMatch(/^arn:/);
      if (inputs.principal === "s3.amazonaws.com") expect(inputs.sourceAccount, name).toBe(account);
    }
  });
});
