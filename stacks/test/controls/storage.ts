import { account } from "../synth/answers.ts";
import type { Resource } from "../synthesized.ts";
import { type Control, includes, is, isOpenToAll, property, statementsOf, valueAt } from "./control.ts";

const bucket = "aws:s3/bucket:Bucket";
const table = "aws:dynamodb/table:Table";
const blocks = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
const reads = /^s3:(\*|Get|List)/;
const writes = /^s3:(\*|Put|Delete|Replicate|Abort)/;

/** What belongs to a bucket, by the bucket's name. */
function partOf({ inputs }: Resource, all: readonly Resource[], type: string): Resource | undefined {
  return all.find((each) => each.type === type && each.inputs.bucket === inputs.bucket);
}

/** A control of a bucket that another resource makes true. */
function ofBucket(
  id: string,
  promise: string,
  type: string,
  check: (inputs: Resource["inputs"]) => string | undefined = () => undefined,
): Control {
  return {
    id,
    promise,
    type: bucket,
    check: (resource, all) => {
      const part = partOf(resource, all, type);
      return part ? check(part.inputs) : `has no ${type.split(":")[2]}`;
    },
  };
}

const policy = "aws:s3/bucketPolicy:BucketPolicy";
const openFor = (actions: RegExp) => (inputs: Resource["inputs"]) =>
  statementsOf(inputs.policy).some(
    (each) => isOpenToAll(each) && each.Action.some((name) => actions.test(name)),
  )
    ? "everybody may"
    : undefined;

function rulesIn(inputs: Resource["inputs"]): unknown[] {
  return Array.isArray(inputs.rules) ? inputs.rules : [];
}

function refusesPlainHttp(inputs: Resource["inputs"]) {
  const refuses = statementsOf(inputs.policy).some(
    ({ Effect, Action, Condition }) =>
      Effect === "Deny" &&
      Action.includes("s3:*") &&
      JSON.stringify(Condition).includes('"aws:SecureTransport":["false"]'),
  );
  return refuses ? undefined : "takes what does not come over TLS";
}

function strangers(inputs: Resource["inputs"]) {
  const named = statementsOf(inputs.policy)
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Principal }) => (typeof Principal === "object" ? (Principal.AWS ?? []) : []));
  const foreign = named.filter((who) => !who.includes(account));
  return foreign.length > 0 ? `lets in ${foreign}` : undefined;
}

/** What a page may do by script, at most. */
const ofPages: Record<string, string> = { uploads: "PUT", videos: "GET" };

export const storageControls: Control[] = [
  {
    id: "S3.1",
    promise: "the account lets no bucket become public",
    type: "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    check: ({ inputs }) => (blocks.every((name) => inputs[name] === true) ? undefined : "leaves a way"),
  },
  ofBucket(
    "S3.8",
    "no bucket can become public",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    (inputs) => (blocks.every((name) => inputs[name] === true) ? undefined : "leaves a way"),
  ),
  ofBucket("S3.2", "not everybody reads", policy, openFor(reads)),
  ofBucket("S3.3", "not everybody writes", policy, openFor(writes)),
  ofBucket("S3.5", "over TLS only", policy, refusesPlainHttp),
  ofBucket("S3.6", "no other account gets in", policy, strangers),
  ofBucket("S3.9", "access is logged", "aws:s3/bucketLogging:BucketLogging"),
  ofBucket(
    "S3.10",
    "old versions end",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    (inputs) =>
      rulesIn(inputs).some((rule) => valueAt(rule, "noncurrentVersionExpiration.noncurrentDays"))
        ? undefined
        : "keeps old versions for ever",
  ),
  ofBucket("S3.11", "new objects are told of", "aws:s3/bucketNotification:BucketNotification"),
  ofBucket(
    "S3.12",
    "objects are their bucket's owner's",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    (inputs) =>
      valueAt(inputs, "rule.objectOwnership") === "BucketOwnerEnforced" ? undefined : "has lists of access",
  ),
  ofBucket(
    "S3.13",
    "unfinished uploads end within a week",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    (inputs) =>
      rulesIn(inputs).some(
        (rule) => Number(valueAt(rule, "abortIncompleteMultipartUpload.daysAfterInitiation")) <= 7,
      )
        ? undefined
        : "keeps unfinished uploads",
  ),
  ofBucket("S3.14", "versions are kept", "aws:s3/bucketVersioning:BucketVersioning", (inputs) =>
    valueAt(inputs, "versioningConfiguration.status") === "Enabled" ? undefined : "keeps no versions",
  ),
  ofBucket(
    "S3.7",
    "a second region has a copy",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    (inputs) =>
      rulesIn(inputs).some((rule) => valueAt(rule, "status") === "Enabled") ? undefined : "copies nothing",
  ),
  ofBucket(
    "S3.17",
    "encrypted by a key of ours",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    (inputs) =>
      rulesIn(inputs).every((rule) => {
        const chosen = valueAt(rule, "applyServerSideEncryptionByDefault");
        return valueAt(chosen, "sseAlgorithm") === "aws:kms" && Boolean(valueAt(chosen, "kmsMasterKeyId"));
      })
        ? undefined
        : "is encrypted by S3's key",
  ),
  property("DynamoDB.1", table, "billingMode", "scales by itself", is("PAY_PER_REQUEST")),
  property("DynamoDB.2", table, "pointInTimeRecovery.enabled", "can be brought back to any second", is(true)),
  property("DynamoDB.6", table, "deletionProtectionEnabled", "cannot be deleted by accident", is(true)),
  property("own.table-key", table, "serverSideEncryption.kmsKeyArn", "encrypted by a key of ours", Boolean),
  property("own.table-ttl", table, "ttl.enabled", "items end by themselves", is(true)),
  property(
    "own.stream-partial",
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "functionResponseTypes",
    "one bad record does not fail its batch",
    includes("ReportBatchItemFailures"),
  ),
  property(
    "own.stream-failures",
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "destinationConfig.onFailure.destinationArn",
    "what cannot be done is kept",
    Boolean,
  ),
  {
    id: "own.cors",
    promise: "pages of named origins put parts and fetch results",
    type: "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
    check: ({ inputs }) => {
      const [, kind = ""] = /-t2m-([a-z]+)-/.exec(String(inputs.bucket)) ?? [];
      const origins = valueAt(inputs, "corsRules.0.allowedOrigins");
      if (!Array.isArray(origins) || origins.some((origin) => !/^https:\/\/[^*]+$/.test(String(origin)))) {
        return `is open to pages of ${String(origins)}`;
      }
      const methods = String(valueAt(inputs, "corsRules.0.allowedMethods"));
      return methods === ofPages[kind] && !valueAt(inputs, "corsRules.1") ? undefined : `allows ${methods}`;
    },
  },
];
