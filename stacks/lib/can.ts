import type { Grant } from "@t2m/functions/manifest";

type Permission = {
  actions: string[];
  resources: $util.Input<string>[];
  conditions?: { test: string; variable: string; values: string[] }[];
};
type TableAction = Extract<Grant, { table: string }>["actions"][number];
type BucketAction = Extract<Grant, { bucket: string }>["actions"][number];

/** Read or write items; `index` lets queries use it too. */
export function useItems(
  table: sst.aws.Dynamo,
  actions: readonly TableAction[],
  index?: string,
): Permission[] {
  const items = { actions: actions.map((action) => `dynamodb:${action}`), resources: [table.arn] };
  if (!index || !actions.includes("Query")) return [items];
  return [items, { actions: ["dynamodb:Query"], resources: [$interpolate`${table.arn}/index/${index}`] }];
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
