import { type Bucket, buckets } from "@t2m/contract/keys";
import { objectTriggers } from "@t2m/functions/manifest";
import type { StageConfig } from "./config.ts";
import type { Functions } from "./functions.ts";
import { componentName } from "./lib/names.ts";

export type Storage = Record<Bucket, sst.aws.Bucket>;
type Rule = aws.types.input.s3.BucketLifecycleConfigurationRule;

const secondsPerDay = 24 * 3600;

/** The five buckets: private, versioned, over TLS only, and without what nobody needs any more. */
export function createStorage(cfg: StageConfig): Storage {
  return {
    uploads: createBucket(cfg, "uploads"),
    videos: createBucket(cfg, "videos"),
    code: createBucket(cfg, "code"),
    thumbnails: createBucket(cfg, "thumbnails"),
    temp: createBucket(cfg, "temp"),
  };
}

function createBucket(cfg: StageConfig, kind: Bucket) {
  const name = componentName(kind);
  const account = aws.getCallerIdentityOutput({}).accountId;
  const bucket = new sst.aws.Bucket(name, {
    versioning: true,
    enforceHttps: true,
    // Absent, it would let every origin do everything.
    cors: kind === "uploads" ? uploadCors(cfg) : false,
    transform: {
      bucket: {
        bucket: $interpolate`${cfg.stage}-t2m-${kind}-${cfg.region}-${account}`,
        forceDestroy: !cfg.isProduction,
      },
    },
  });
  new aws.s3.BucketOwnershipControls(`${name}Ownership`, {
    bucket: bucket.name,
    rule: { objectOwnership: "BucketOwnerEnforced" },
  });
  new aws.s3.BucketLifecycleConfiguration(`${name}Lifecycle`, {
    bucket: bucket.name,
    rules: [...usualRules(cfg), ...(rulesOf[kind]?.(cfg) ?? [])],
  });
  return bucket;
}

function uploadCors(cfg: StageConfig) {
  return {
    allowOrigins: cfg.webOrigins,
    allowMethods: ["PUT" as const],
    allowHeaders: ["content-type", "x-amz-*"],
    exposeHeaders: ["ETag"],
    maxAge: "1 day" as const,
  };
}

/** An upload may take as long as its item lives; S3 counts whole days. */
const retentionDays = (cfg: StageConfig) => Math.ceil(cfg.retentionSeconds / secondsPerDay);

function usualRules(cfg: StageConfig): Rule[] {
  return [
    {
      id: "unfinished-uploads",
      status: "Enabled",
      filter: { prefix: "" },
      abortIncompleteMultipartUpload: { daysAfterInitiation: retentionDays(cfg) },
    },
    {
      id: "old-versions",
      status: "Enabled",
      filter: { prefix: "" },
      noncurrentVersionExpiration: { noncurrentDays: cfg.oldVersionsDays },
      expiration: { expiredObjectDeleteMarker: true },
    },
  ];
}

const rulesOf: Partial<Record<Bucket, (cfg: StageConfig) => Rule[]>> = {
  // Behind TTL, cleanup and sweep: what all three missed.
  uploads: (cfg) => [expireAfter(retentionDays(cfg) + 7)],
  temp: () => [expireAfter(7)],
  videos: () => [
    {
      id: "tiering",
      status: "Enabled",
      filter: { prefix: "" },
      transitions: [{ days: 30, storageClass: "INTELLIGENT_TIERING" }],
    },
  ],
};

function expireAfter(days: number): Rule {
  return { id: "expiry", status: "Enabled", filter: { prefix: "" }, expiration: { days } };
}

/** Objects whose creation starts a function. S3 keeps one such list for a bucket, so all go in together. */
export function createNotifications(storage: Storage, functions: Functions) {
  for (const kind of buckets) {
    const triggers = objectTriggers.filter(({ bucket }) => bucket === kind);
    if (triggers.length === 0) continue;
    storage[kind].notify({
      notifications: triggers.map((trigger) => ({
        name: componentName(`${trigger.function} ${trigger.prefix}`),
        function: functions[trigger.function].arn,
        events: ["s3:ObjectCreated:*"],
        filterPrefix: trigger.prefix,
      })),
    });
  }
}
