import { buckets } from "@t2m/contract/keys";
import { expect, test } from "vitest";
import { answer } from "./synth/answers.ts";
import { stages as variablesOf } from "./synth/stages.ts";
import { everyStage, synthesized } from "./synthesized.ts";

test.each(everyStage)("%s is synthesized without an error, and says where it is", (stage) => {
  const { errors, outputs, resources } = synthesized(stage);
  expect(errors).toEqual([]);
  expect(resources.length).toBeGreaterThan(200);
  expect(outputs).toMatchObject({ stage });
});

// By the parts of the picture in docs/architecture.md, and those who look after them.
const parts = [
  ...[
    "apigatewayv2/api:Api",
    "cloudfront/distribution:Distribution",
    "dynamodb/table:Table",
    "sqs/queue:Queue",
  ],
  ...["lambda/layerVersion:LayerVersion", "lambda/functionUrl:FunctionUrl", "scheduler/schedule:Schedule"],
  ...["s3/bucketNotification:BucketNotification", "lambda/eventSourceMapping:EventSourceMapping"],
  ...["kms/key:Key", "secretsmanager/secret:Secret", "sns/topic:Topic", "cloudwatch/dashboard:Dashboard"],
  ...[
    "cloudwatch/metricAlarm:MetricAlarm",
    "cloudtrail/trail:Trail",
    "backup/plan:Plan",
    "budgets/budget:Budget",
  ],
];
const ofRecord = ["ec2/vpc:Vpc", "rds/instance:Instance", "lambda/invocation:Invocation"];
const ofProduction = [
  ...["rds/proxy:Proxy", "wafv2/webAcl:WebAcl", "s3/bucketReplicationConfig:BucketReplicationConfig"],
  ...[
    "backup/vaultLockConfiguration:VaultLockConfiguration",
    "acm/certificate:Certificate",
    "route53/record:Record",
  ],
];

test.each(everyStage)("[A1.2] applied, the code makes every part that %s is said to have", (stage) => {
  const { all } = synthesized(stage);
  const wanted = [
    ...parts,
    ...(stage === "dev" ? [] : ofRecord),
    ...(stage === "production" ? ofProduction : []),
  ];
  expect(wanted.filter((type) => all(`aws:${type}`).length === 0)).toEqual([]);
  const made = all("aws:s3/bucket:Bucket").map(({ inputs }) => String(inputs.bucket));
  for (const kind of [...buckets, "site", "logs", "trail"]) {
    expect(
      made.some((name) => name.startsWith(`${stage}-t2m-${kind}-`)),
      kind,
    ).toBe(true);
  }
});

test("production cannot be removed and keeps its data; another stage leaves nothing behind", () => {
  expect(synthesized("production").app).toMatchObject({ protect: true, removal: "retain" });
  for (const stage of everyStage.filter((each) => each !== "production")) {
    expect(synthesized(stage).app).toMatchObject({ protect: false, removal: "remove" });
  }
});

test("[A1.3] [A11.2] everything of a stage is in its region, but what a second region or the CDN has to have", () => {
  const elsewhere = [variablesOf.production.T2M_REPLICA_REGION, "us-east-1"];
  expect(synthesized("production").app).toMatchObject({ providers: { aws: { region: "eu-central-1" } } });
  for (const { name, inputs } of synthesized("production").resources) {
    const { region = "eu-central-1" } = inputs;
    expect(["eu-central-1", ...elsewhere], name).toContain(region);
  }
});

test("a question to AWS that has no answer here is an error, not an empty answer", () => {
  expect(() => answer("aws:ec2/getAmi:getAmi", {}, "us-east-1")).toThrow(
    "No answer to aws:ec2/getAmi:getAmi",
  );
});
