import type { Grant } from "@t2m/functions/manifest/spec";

export type Permission = {
  actions: string[];
  resources: $util.Input<string>[];
  conditions?: { test: string; variable: string; values: string[] }[];
};
type TableAction = Extract<Grant, { table: string }>["actions"][number];
type BucketAction = Extract<Grant, { bucket: string }>["actions"][number];
type SecretAction = Extract<Grant, { secret: string }>["actions"][number];
type DatabaseAction = Extract<Grant, { database: string }>["actions"][number];

/** Read or write items; with `index` in that alone. */
export function useItems(
  table: sst.aws.Dynamo,
  actions: readonly TableAction[],
  index: string | undefined,
): Permission {
  const resource = index ? $interpolate`${table.arn}/index/${index}` : table.arn;
  return { actions: actions.map((action) => `dynamodb:${action}`), resources: [resource] };
}

/** Use the objects below a prefix, and list no others. */
export function useObjects(
  bucket: sst.aws.Bucket,
  actions: readonly BucketAction[],
  prefix: string,
): Permission[] {
  const below = [{ test: "StringLike", variable: "s3:prefix", values: [`${prefix}*`] }];
  const permissions: Permission[] = [
    { actions: actions.filter(isOfObjects), resources: [$interpolate`${bucket.arn}/${prefix}*`] },
    { actions: actions.filter(isOfList), resources: [bucket.arn], conditions: below },
    // S3 knows no such condition for unfinished uploads: who lists them lists the bucket's.
    { actions: actions.filter(isOfUnfinished), resources: [bucket.arn] },
  ];
  return permissions
    .filter(({ actions }) => actions.length > 0)
    .map((permission) => ({ ...permission, actions: permission.actions.map((action) => `s3:${action}`) }));
}

const isOfUnfinished = (action: BucketAction) => action === "ListBucketMultipartUploads";
const isOfList = (action: BucketAction) => action === "ListBucket" || action === "ListBucketVersions";
const isOfObjects = (action: BucketAction) => !isOfUnfinished(action) && !isOfList(action);

export function consumeStream(table: sst.aws.Dynamo): Permission {
  const verbs = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
  return { actions: verbs.map((verb) => `dynamodb:${verb}`), resources: [table.nodes.table.streamArn] };
}

export function sendTo(queue: sst.aws.Queue): Permission {
  return { actions: ["sqs:SendMessage"], resources: [queue.arn] };
}

export function writeLogs(logGroupName: $util.Input<string>): Permission {
  const account = aws.getCallerIdentityOutput({}).accountId;
  const { region } = aws.getRegionOutput({});
  const { partition } = aws.getPartitionOutput({});
  const group = $interpolate`arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}`;
  return { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${group}:*`] };
}

/** X-Ray knows no resource-level permissions. */
export function writeTraces(): Permission {
  return { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] };
}

/** Use a key, in one service's calls only. */
export function useKey(
  key: aws.kms.Key,
  verbs: readonly ("Encrypt" | "Decrypt" | "GenerateDataKey")[],
  service: string,
): Permission {
  const through = { test: "StringEquals", variable: "kms:ViaService", values: [service] };
  return { actions: verbs.map((verb) => `kms:${verb}`), resources: [key.arn], conditions: [through] };
}

/** Read one secret, and where it is rotated write it. */
export function useSecret(secret: aws.secretsmanager.Secret, actions: readonly SecretAction[]): Permission {
  return { actions: actions.map((action) => `secretsmanager:${action}`), resources: [secret.arn] };
}

export function manageDatabase(instance: aws.rds.Instance, actions: readonly DatabaseAction[]): Permission {
  return { actions: actions.map((action) => `rds:${action}`), resources: [instance.arn] };
}

/** Connect as a database's user by a token that IAM signs; there is no password. */
export function connectDatabase(resourceId: $util.Input<string>, user: string): Permission {
  const account = aws.getCallerIdentityOutput({}).accountId;
  const { region } = aws.getRegionOutput({});
  const { partition } = aws.getPartitionOutput({});
  const who = $interpolate`arn:${partition}:rds-db:${region}:${account}:dbuser:${resourceId}/${user}`;
  return { actions: ["rds-db:connect"], resources: [who] };
}

/** What Lambda does in a function's name to put it into the network. Descriptions know no resource. */
export function useNetwork(): Permission[] {
  const account = aws.getCallerIdentityOutput({}).accountId;
  const { region } = aws.getRegionOutput({});
  const { partition } = aws.getPartitionOutput({});
  const verbs = (...names: string[]) => names.map((name) => `ec2:${name}`);
  return [
    {
      actions: [
        ...verbs("CreateNetworkInterface", "DeleteNetworkInterface"),
        ...verbs("AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"),
      ],
      resources: [$interpolate`arn:${partition}:ec2:${region}:${account}:*/*`],
    },
    { actions: verbs("DescribeNetworkInterfaces", "DescribeSubnets"), resources: ["*"] },
  ];
}

/** Those that say for which account they ask. S3's replication and RDS's proxy do not, as far as AWS documents it. */
const sayTheAccount = [
  "vpc-flow-logs.amazonaws.com",
  "monitoring.rds.amazonaws.com",
  "cloudtrail.amazonaws.com",
];

/** A role that one service takes on, with what it may do in one inline policy. */
export function serviceRole(
  component: string,
  name: string,
  service: string,
  permissions: Permission[],
): aws.iam.Role {
  const { accountId } = aws.getCallerIdentityOutput({});
  const ours = { test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] };
  const trust = {
    actions: ["sts:AssumeRole"],
    principals: [{ type: "Service", identifiers: [service] }],
    conditions: sayTheAccount.includes(service) ? [ours] : [],
  };
  return new aws.iam.Role(`${component}Role`, {
    name,
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({ statements: [trust] }).json,
    inlinePolicies: [
      { name: "inline", policy: aws.iam.getPolicyDocumentOutput({ statements: permissions }).json },
    ],
  });
}
