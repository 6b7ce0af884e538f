import type { StageConfig } from "../config.ts";
import { componentName } from "./names.ts";

type Rule = aws.types.input.s3.BucketLifecycleConfigurationRule;
type BucketOptions = {
  kind: string;
  /** S3's own where absent, which is the only one that S3's access logs take. */
  key?: aws.kms.Key;
  /** Where its access log goes, below `s3/<kind>/`. */
  logs?: sst.aws.Bucket;
  policy?: sst.aws.BucketArgs["policy"];
  rules?: Rule[];
  unfinishedDays?: number;
};

/** A bucket that is private, versioned, encrypted, logged, over TLS only, and without what nobody needs any more. */
export function createPrivateBucket(cfg: StageConfig, options: BucketOptions) {
  const { kind, key, logs, policy, rules = [], unfinishedDays = 1 } = options;
  const name = componentName(kind);
  const bucket = new sst.aws.Bucket(name, {
    versioning: true,
    enforceHttps: true,
    // Absent, it would let every origin do everything. What pages may do is added by `openToPages`.
    cors: false,
    ...(policy ? { policy } : {}),
    transform: { bucket: { bucket: bucketName(cfg, kind, cfg.region), forceDestroy: !cfg.isProduction } },
  });
  new aws.s3.BucketOwnershipControls(`${name}Ownership`, {
    bucket: bucket.name,
    rule: { objectOwnership: "BucketOwnerEnforced" },
  });
  new aws.s3.BucketServerSideEncryptionConfiguration(`${name}Encryption`, {
    bucket: bucket.name,
    rules: [encryptedBy(key)],
  });
  new aws.s3.BucketLifecycleConfiguration(`${name}Lifecycle`, {
    bucket: bucket.name,
    rules: [...usualRules(unfinishedDays, cfg.oldVersionsDays), ...rules],
  });
  if (logs) {
    new aws.s3.BucketLogging(`${name}Logging`, {
      bucket: bucket.name,
      targetBucket: logs.name,
      targetPrefix: `s3/${kind}/`,
    });
  }
  return bucket;
}

export function bucketName(cfg: StageConfig, kind: string, region: string) {
  return $interpolate`${cfg.stage}-t2m-${kind}-${region}-${aws.getCallerIdentityOutput({}).accountId}`;
}

/** A bucket's key spares a call of KMS for each object. */
export function encryptedBy(key: aws.kms.Key | undefined) {
  if (!key) return { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } };
  return {
    applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
    bucketKeyEnabled: true,
  };
}

export function usualRules(unfinishedDays: number, oldVersionsDays: number): Rule[] {
  return [
    {
      id: "unfinished-uploads",
      status: "Enabled",
      filter: { prefix: "" },
      abortIncompleteMultipartUpload: { daysAfterInitiation: unfinishedDays },
    },
    {
      id: "old-versions",
      status: "Enabled",
      filter: { prefix: "" },
      noncurrentVersionExpiration: { noncurrentDays: oldVersionsDays },
      expiration: { expiredObjectDeleteMarker: true },
    },
  ];
}

export function expireAfter(days: number): Rule {
  return { id: "expiry", status: "Enabled", filter: { prefix: "" }, expiration: { days } };
}
