import type { Bucket } from "@t2m/contract/keys";
import type { StageConfig } from "../config.ts";
import { createPrivateBucket, expireAfter } from "../lib/bucket.ts";
import { serviceRole } from "../lib/can.ts";
import type { Security } from "../security.ts";
import type { Storage } from "../storage.ts";

/** What people bring and get, and what was made for them. */
const media = ["uploads", "videos", "code", "thumbnails"] as const satisfies readonly Bucket[];

export type Trail = { logGroup: aws.cloudwatch.LogGroup };
type Deps = { storage: Storage; security: Security };

/**
 * Who did what: each touch of a media object, and in production each call of AWS's API in every region. An account's
 * first copy of those is free and each further one is not, so the other stages leave them to production's trail or to
 * the account's own.
 */
export function createTrail(cfg: StageConfig, deps: Deps): Trail {
  const name = `${cfg.stage}-t2m`;
  const { logs } = deps.security.keys;
  const bucket = createTrailBucket(cfg, name, deps);
  const logGroup = new aws.cloudwatch.LogGroup("TrailLog", {
    name: `/aws/cloudtrail/${name}`,
    retentionInDays: cfg.logRetentionDays,
    kmsKeyId: logs.arn,
  });
  const role = serviceRole("TrailLog", `${name}-trail`, "cloudtrail.amazonaws.com", [
    {
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [$interpolate`${logGroup.arn}:log-stream:*`],
    },
  ]);
  const touches = touchesOf(deps.storage);
  new aws.cloudtrail.Trail(
    "Trail",
    {
      name,
      s3BucketName: bucket.name,
      kmsKeyId: logs.arn,
      cloudWatchLogsGroupArn: $interpolate`${logGroup.arn}:*`,
      cloudWatchLogsRoleArn: role.arn,
      enableLogFileValidation: true,
      isMultiRegionTrail: cfg.isProduction,
      includeGlobalServiceEvents: cfg.isProduction,
      advancedEventSelectors: cfg.isProduction ? [touches, calls] : [touches],
    },
    // It writes a first file into the bucket when it is made.
    { dependsOn: [bucket] },
  );
  return { logGroup };
}

/** Open to this one trail. */
function createTrailBucket(cfg: StageConfig, name: string, { storage, security }: Deps) {
  const { accountId } = aws.getCallerIdentityOutput({});
  const { partition } = aws.getPartitionOutput({});
  const trailArn = $interpolate`arn:${partition}:cloudtrail:${cfg.region}:${accountId}:trail/${name}`;
  const ofTheTrail = { test: "StringEquals", variable: "aws:SourceArn", values: [trailArn] };
  const principals = [{ type: "service" as const, identifiers: ["cloudtrail.amazonaws.com"] }];
  return createPrivateBucket(cfg, {
    kind: "trail",
    key: security.keys.logs,
    logs: storage.logs,
    rules: [expireAfter(cfg.logRetentionDays)],
    policy: [
      { actions: ["s3:GetBucketAcl"], principals, paths: [""], conditions: [ofTheTrail] },
      { actions: ["s3:PutObject"], principals, paths: ["AWSLogs/*"], conditions: [ofTheTrail] },
    ],
  });
}

function touchesOf(storage: Storage) {
  return {
    name: "Every touch of a media object",
    fieldSelectors: [
      { field: "eventCategory", equals: ["Data"] },
      { field: "resources.type", equals: ["AWS::S3::Object"] },
      { field: "resources.ARN", startsWiths: media.map((kind) => $interpolate`${storage[kind].arn}/`) },
    ],
  };
}

const calls = {
  name: "Every call of AWS's API",
  fieldSelectors: [{ field: "eventCategory", equals: ["Management"] }],
};
