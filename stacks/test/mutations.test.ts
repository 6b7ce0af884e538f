import { expect, test } from "vitest";
import { controls } from "./controls/all.ts";
import { evaluate } from "./controls/control.ts";
import { type Resource, synthesized } from "./synthesized.ts";

const { resources } = synthesized("production");
const known = new Set(evaluate(controls, resources).map((finding) => JSON.stringify(finding)));

/** The control that has to see it; the resource's type, and its name where it is not the first; what changes. */
type Mutation = [breaks: string, resource: string, path: string, to?: unknown];

const gone = "";
const replace = (from: string, to: string) => (text: unknown) => String(text).replaceAll(from, to);

const mutations: Mutation[] = [
  ["S3.1", "s3.AccountPublicAccessBlock", "blockPublicPolicy", false],
  ["S3.8", "s3.BucketPublicAccessBlock", "restrictPublicBuckets", false],
  ["S3.8", "s3.BucketPublicAccessBlock", gone],
  ["S3.2", "s3.BucketPolicy", "policy", replace('"Deny"', '"Allow"')],
  ["S3.5", "s3.BucketPolicy", "policy", replace('["false"]', '["true"]')],
  ["S3.9", "s3.BucketLogging", gone],
  ["S3.11", "s3.BucketNotification", gone],
  ["S3.12", "s3.BucketOwnershipControls", "rule.objectOwnership", "ObjectWriter"],
  [
    "S3.13",
    "s3.BucketLifecycleConfiguration",
    "rules.0.abortIncompleteMultipartUpload.daysAfterInitiation",
    30,
  ],
  ["S3.10", "s3.BucketLifecycleConfiguration", "rules.1.noncurrentVersionExpiration", undefined],
  ["S3.14", "s3.BucketVersioning", "versioningConfiguration.status", "Suspended"],
  ["S3.7", "s3.BucketReplicationConfig", "rules.0.status", "Disabled"],
  [
    "S3.17",
    "s3.BucketServerSideEncryptionConfiguration UploadsEncryption",
    "rules.0.applyServerSideEncryptionByDefault.sseAlgorithm",
    "AES256",
  ],
  ["DynamoDB.1", "dynamodb.Table", "billingMode", "PROVISIONED"],
  ["DynamoDB.2", "dynamodb.Table", "pointInTimeRecovery.enabled", false],
  ["DynamoDB.6", "dynamodb.Table", "deletionProtectionEnabled", false],
  ["own.table-key", "dynamodb.Table", "serverSideEncryption", undefined],
  ["own.stream-partial", "lambda.EventSourceMapping", "functionResponseTypes", []],
  ["own.stream-failures", "lambda.EventSourceMapping", "destinationConfig", undefined],
  ["RDS.2", "rds.Instance", "publiclyAccessible", true],
  ["RDS.3", "rds.Instance", "storageEncrypted", false],
  ["RDS.5", "rds.Instance Database", "multiAz", false],
  ["RDS.8", "rds.Instance", "deletionProtection", false],
  ["RDS.10", "rds.Instance", "iamDatabaseAuthenticationEnabled", false],
  ["RDS.11", "rds.Instance Database", "backupRetentionPeriod", 7],
  ["RDS.36", "rds.Instance", "enabledCloudwatchLogsExports", ["upgrade"]],
  ["RDS.23", "rds.Instance Database", "port", 5432],
  ["RDS.25", "rds.Instance Database", "username", "postgres"],
  ["RDS.20", "rds.EventSubscription InstanceEvents", gone],
  ["RDS.43", "rds.Proxy", "requireTls", false],
  ["own.proxy-iam", "rds.Proxy", "defaultAuthScheme", "NONE"],
  ["own.database-tls", "rds.ParameterGroup", "parameters.0.value", "0"],
  ["own.database-password", "rds.Instance", "password", "hunter2"],
  ["own.database-final-snapshot", "rds.Instance Database", "skipFinalSnapshot", true],
  ["own.database-way-out", "ec2.Route", "routeTableId", "DatabaseRoutes1-id"],
  ["SecretsManager.1", "secretsmanager.SecretRotation", gone],
  ["SecretsManager.4", "secretsmanager.SecretRotation", "rotationRules.automaticallyAfterDays", 365],
  ["own.secret-value", "secretsmanager.SecretVersion", "secretString", '{"password":"hunter2"}'],
  ["Lambda.1", "lambda.Permission", "principal", "*"],
  ["Lambda.2", "lambda.Function", "runtime", "nodejs16.x"],
  ["Lambda.5", "lambda.Function", "vpcConfig", { subnetIds: ["subnet-1"] }],
  ["own.url", "lambda.FunctionUrl", "authorizationType", "NONE"],
  ["own.environment", "lambda.Function", "environment.variables", { SST_KEY: "x" }],
  ["own.environment-key", "lambda.Function", "kmsKeyArn", undefined],
  ["own.migrated", "lambda.Invocation", gone],
  ["own.migrated", "lambda.Invocation", "functionName", "production-t2m-record"],
  ["own.migrated", "lambda.Function HistoryFunction", "waitsFor", []],
  ["own.migrated-each-time", "lambda.Invocation", "triggers", undefined],
  [
    "own.migrated-each-time",
    "lambda.Invocation",
    "waitsFor",
    ["aws:lambda/function:Function MigrateFunction"],
  ],
  ["own.concurrency", "lambda.Function ConvertFunction", "reservedConcurrentExecutions", undefined],
  ["own.failures", "lambda.FunctionEventInvokeConfig", "destinationConfig", undefined],
  ["own.log-retention", "cloudwatch.LogGroup", "retentionInDays", 7],
  ["own.log-key", "cloudwatch.LogGroup FlowLog", "kmsKeyId", undefined],
  ["SQS.1", "sqs.Queue", "sqsManagedSseEnabled", false],
  ["own.key-rotation", "kms.Key", "enableKeyRotation", false],
  [
    "KMS.1",
    "iam.Role CreateUploadRole",
    "inlinePolicies.0.policy",
    replace('"arn:aws:kms:eu-central-1:123456789012:key/DataKey"', '"*"'),
  ],
  [
    "KMS.2",
    "iam.Role CreateUploadRole",
    "inlinePolicies.0.policy",
    replace("kms:ViaService", "aws:SourceIp"),
  ],
  ["KMS.5", "kms.Key", "policy", replace('["arn:aws:iam::123456789012:root"]', '["*"]')],
  ["IAM.21", "iam.Role GetJobRole", "inlinePolicies.0.policy", replace("dynamodb:GetItem", "dynamodb:*")],
  [
    "IAM.1",
    "iam.Role GetJobRole",
    "inlinePolicies.0.policy",
    '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
  ],
  [
    "own.managed",
    "iam.Role GetJobRole",
    "managedPolicyArns",
    ["arn:aws:iam::aws:policy/AdministratorAccess"],
  ],
  [
    "own.trust",
    "iam.Role GetJobRole",
    "assumeRolePolicy",
    '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}',
  ],
  ["EC2.2", "ec2.DefaultSecurityGroup", "egress", [{ protocol: "-1" }]],
  ["EC2.6", "ec2.FlowLog", gone],
  ["EC2.15", "ec2.Subnet", "mapPublicIpOnLaunch", true],
  ["EC2.18", "vpc.SecurityGroupIngressRule", "cidrIpv4", "0.0.0.0/0"],
  ["EC2.19", "ec2.NetworkAcl PublicList", "ingress.0.action", "allow"],
  ["own.database-list", "ec2.NetworkAcl DatabaseList", "egress.0.cidrBlock", "0.0.0.0/0"],
  ["own.egress", "vpc.SecurityGroupEgressRule", "referencedSecurityGroupId", undefined],
  ["APIGateway.8", "apigatewayv2.Route", "authorizationType", "NONE"],
  ["APIGateway.9", "apigatewayv2.Stage", "accessLogSettings", undefined],
  ["CloudFront.3", "cloudfront.Distribution", "defaultCacheBehavior.viewerProtocolPolicy", "allow-all"],
  ["CloudFront.6", "cloudfront.Distribution", "webAclId", undefined],
  ["CloudFront.15", "cloudfront.Distribution", "viewerCertificate.minimumProtocolVersion", "TLSv1"],
  ["CloudTrail.1", "cloudtrail.Trail", "isMultiRegionTrail", false],
  ["CloudTrail.4", "cloudtrail.Trail", "enableLogFileValidation", false],
  ["own.alarm-tells", "cloudwatch.MetricAlarm", "alarmActions", []],
  ["own.backup-watched", "cloudwatch.MetricAlarm BackupsFailAlarm", gone],
  ["own.cors", "s3.BucketCorsConfiguration VideosCors", "corsRules.0.allowedOrigins", ["*"]],
  ["own.cors", "s3.BucketCorsConfiguration VideosCors", "corsRules.0.allowedMethods", ["GET", "PUT"]],
  ["own.backup-rhythm", "backup.Plan", "rules.2.ruleName", "yearly"],
  ["own.backup-elsewhere", "backup.Plan", "rules.0.copyActions", undefined],
  ["own.vault-lock", "backup.VaultLockConfiguration", gone],
  ["own.restore-tests", "backup.RestoreTestingSelection", gone],
];

function mutated([, resource, path, to]: Mutation): Resource[] {
  const [type, name] = resource.split(" ");
  const copy = structuredClone(resources);
  const index = copy.findIndex((each) => shortTypeOf(each) === type && (!name || each.name === name));
  const target = copy[index];
  if (!target) throw new Error(`There is no ${resource}`);
  if (path === gone) return copy.toSpliced(index, 1);
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const whole = last === "waitsFor" ? target : target.inputs;
  const holder = keys.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), whole);
  const was: unknown = Reflect.get(Object(holder), last);
  const changed: unknown = typeof to === "function" ? to(was) : to;
  if (JSON.stringify(changed) === JSON.stringify(was)) throw new Error(`${resource} ${path} is so already`);
  Reflect.set(Object(holder), last, changed);
  return copy;
}

/** `aws:s3/bucketPolicy:BucketPolicy` → `s3.BucketPolicy` */
function shortTypeOf({ type }: Resource): string {
  return type.replace(/^aws:(\w+)\/\w+:/, "$1.");
}

test("the mutations are many and of all kinds", () => {
  expect(mutations.length).toBeGreaterThan(60);
  expect(new Set(mutations.map(([, resource]) => resource.split(" ")[0])).size).toBeGreaterThan(30);
});

test.each(mutations)("%s sees the mutation of %s: %s", (id, ...change) => {
  const found = evaluate(controls, mutated([id, ...change]));
  const news = found.filter((finding) => !known.has(JSON.stringify(finding)));
  expect(news.map((finding) => finding.id)).toContain(id);
});
