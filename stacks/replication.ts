import type { Bucket } from "@t2m/contract/keys";
import type { StageConfig } from "./config.ts";
import { bucketName, encryptedBy, expireAfter, usualRules } from "./lib/bucket.ts";
import { serviceRole, useKey } from "./lib/can.ts";
import { componentName } from "./lib/names.ts";
import type { Security } from "./security.ts";
import { retentionDays, type Storage } from "./storage.ts";

/** What cannot be made again, or only at a price. `temp` can. */
const replicated = ["uploads", "videos", "code", "thumbnails"] as const satisfies readonly Bucket[];

type Deps = { storage: Storage; security: Security };
type Replica = {
  kind: Bucket;
  source: sst.aws.Bucket;
  copy: aws.s3.Bucket;
  versions: aws.s3.BucketVersioning;
};

/** In production a second region holds a copy of each object, made by S3 within minutes. */
export function createReplication(cfg: StageConfig, { storage, security }: Deps) {
  const { replicaRegion: region } = cfg;
  const { replicaKey: key } = security;
  if (!region || !key) return;
  const replicas = replicated.map((kind) => ({
    kind,
    source: storage[kind],
    ...createCopy(cfg, kind, region, key),
  }));
  const role = createRole(cfg, replicas, security.keys.data, key, region);
  for (const { kind, source, copy, versions } of replicas) {
    new aws.s3.BucketReplicationConfig(
      componentName(`${kind}-replication`),
      {
        bucket: source.name,
        role: role.arn,
        rules: [
          {
            id: "everything",
            status: "Enabled",
            priority: 1,
            filter: { prefix: "" },
            deleteMarkerReplication: { status: "Enabled" },
            sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
            destination: { bucket: copy.arn, encryptionConfiguration: { replicaKmsKeyId: key.arn } },
          },
        ],
      },
      // S3 refuses it while either bucket keeps no versions.
      { dependsOn: [source, versions] },
    );
  }
}

function createCopy(cfg: StageConfig, kind: Bucket, region: string, key: aws.kms.Key) {
  const name = componentName(`${kind}-replica`);
  const copy = new aws.s3.Bucket(name, { bucket: bucketName(cfg, kind, region), region });
  const of = { bucket: copy.bucket, region };
  const versions = new aws.s3.BucketVersioning(`${name}Versioning`, {
    ...of,
    versioningConfiguration: { status: "Enabled" },
  });
  const closed = new aws.s3.BucketPublicAccessBlock(`${name}PublicAccess`, {
    ...of,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  new aws.s3.BucketPolicy(`${name}Policy`, { ...of, policy: overTlsOnly(copy) }, { dependsOn: [closed] });
  new aws.s3.BucketOwnershipControls(`${name}Ownership`, {
    ...of,
    rule: { objectOwnership: "BucketOwnerEnforced" },
  });
  new aws.s3.BucketServerSideEncryptionConfiguration(`${name}Encryption`, {
    ...of,
    rules: [encryptedBy(key)],
  });
  new aws.s3.BucketLifecycleConfiguration(`${name}Lifecycle`, {
    ...of,
    // S3 does not pass on that a version was deleted for good, so a copy ends by itself.
    rules: [...usualRules(1, cfg.oldVersionsDays), expireAfter(retentionDays(cfg) + cfg.oldVersionsDays)],
  });
  return { copy, versions };
}

function overTlsOnly(bucket: aws.s3.Bucket) {
  return aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        effect: "Deny",
        principals: [{ type: "*", identifiers: ["*"] }],
        actions: ["s3:*"],
        resources: [bucket.arn, $interpolate`${bucket.arn}/*`],
        conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
      },
    ],
  }).json;
}

function createRole(
  cfg: StageConfig,
  replicas: readonly Replica[],
  from: aws.kms.Key,
  to: aws.kms.Key,
  region: string,
) {
  const verbs = (...names: string[]) => names.map((name) => `s3:${name}`);
  return serviceRole("Replication", `${cfg.stage}-t2m-replication`, "s3.amazonaws.com", [
    {
      actions: verbs("GetReplicationConfiguration", "ListBucket"),
      resources: replicas.map(({ source }) => source.arn),
    },
    {
      actions: verbs("GetObjectVersionForReplication", "GetObjectVersionAcl", "GetObjectVersionTagging"),
      resources: replicas.map(({ source }) => $interpolate`${source.arn}/*`),
    },
    {
      actions: verbs("ReplicateObject", "ReplicateDelete", "ReplicateTags"),
      resources: replicas.map(({ copy }) => $interpolate`${copy.arn}/*`),
    },
    useKey(from, ["Decrypt"], `s3.${cfg.region}.amazonaws.com`),
    useKey(to, ["Encrypt", "GenerateDataKey"], `s3.${region}.amazonaws.com`),
  ]);
}
