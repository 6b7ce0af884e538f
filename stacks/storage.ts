import { crossOrigin } from "@t2m/contract/cross-origin";
import { type Bucket, buckets } from "@t2m/contract/keys";
import type { StageConfig } from "./config.ts";
import type { Functions } from "./functions.ts";
import { createPrivateBucket, expireAfter } from "./lib/bucket.ts";
import { componentName } from "./lib/names.ts";
import { manifestOf } from "./manifest.ts";
import type { Security } from "./security.ts";

export type Storage = Record<Bucket, sst.aws.Bucket> & {
  /** Who asked the other buckets for what. */
  logs: sst.aws.Bucket;
};

const secondsPerDay = 24 * 3600;

/** An upload may take as long as its item lives; S3 counts whole days. */
export const retentionDays = (cfg: StageConfig) => Math.ceil(cfg.retentionSeconds / secondsPerDay);

/** The five buckets of what people bring and get, and one for their access logs. */
export function createStorage(cfg: StageConfig, { security }: { security: Security }): Storage {
  if (cfg.isProduction) closeAccount();
  const logs = createLogs(cfg);
  const usual = { key: security.keys.data, logs, unfinishedDays: retentionDays(cfg) };
  return {
    uploads: createPrivateBucket(cfg, {
      ...usual,
      kind: "uploads",
      // Behind TTL, cleanup and sweep: what all three missed.
      rules: [expireAfter(retentionDays(cfg) + 7)],
    }),
    videos: createPrivateBucket(cfg, {
      ...usual,
      kind: "videos",
      rules: [
        {
          id: "tiering",
          status: "Enabled",
          filter: { prefix: "" },
          transitions: [{ days: 30, storageClass: "INTELLIGENT_TIERING" }],
        },
      ],
    }),
    code: createPrivateBucket(cfg, { ...usual, kind: "code" }),
    thumbnails: createPrivateBucket(cfg, { ...usual, kind: "thumbnails" }),
    temp: createPrivateBucket(cfg, { ...usual, kind: "temp", rules: [expireAfter(7)] }),
    logs,
  };
}

/** For the whole account, and so the business of one stage only. */
function closeAccount() {
  new aws.s3.AccountPublicAccessBlock("AccountPublicAccess", {
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
}

function createLogs(cfg: StageConfig) {
  const { accountId } = aws.getCallerIdentityOutput({});
  return createPrivateBucket(cfg, {
    kind: "logs",
    rules: [expireAfter(cfg.logRetentionDays)],
    policy: [
      {
        actions: ["s3:PutObject"],
        principals: [{ type: "service", identifiers: ["logging.s3.amazonaws.com"] }],
        paths: ["s3/*"],
        conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
      },
    ],
  });
}

/** The stage's page is one of the origins, so this comes after its address is known. */
export function openToPages(storage: Storage, origins: $util.Input<string>[]) {
  for (const kind of buckets) {
    const rule = crossOrigin[kind];
    if (!rule) continue;
    new aws.s3.BucketCorsConfiguration(componentName(`${kind}-cors`), {
      bucket: storage[kind].name,
      corsRules: [
        {
          allowedOrigins: origins,
          allowedMethods: [...rule.methods],
          allowedHeaders: [...rule.headers],
          exposeHeaders: [...rule.exposed],
          maxAgeSeconds: secondsPerDay,
        },
      ],
    });
  }
}

/** Objects whose creation starts a function. S3 keeps one such list for a bucket, so all go in together. */
export function createNotifications(cfg: StageConfig, deps: { storage: Storage; functions: Functions }) {
  const { storage, functions } = deps;
  for (const kind of buckets) {
    const triggers = manifestOf(cfg).objectTriggers.filter(({ bucket }) => bucket === kind);
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
