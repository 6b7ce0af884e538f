import { buckets } from "@t2m/contract/keys";
import { objectTriggers } from "@t2m/functions/manifest";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { everyStage, regionOf, type Stage, statementsIn, statementsOf, synthesized } from "./synthesized.ts";

const everything = { prefix: "" };
const Rules = z.array(z.looseObject({ id: z.string(), status: z.string(), filter: z.unknown() }));

describe.each(everyStage)("%s", (stage) => {
  const { all, where } = synthesized(stage);
  const region = regionOf(stage);
  const isProduction = stage === "production";
  const bucketName = (kind: string) => `${stage}-t2m-${kind}-${region}-123456789012`;
  const of = (type: string, kind: string) => where(`aws:s3/${type}`, "bucket", bucketName(kind)).inputs;
  const rulesOf = (kind: string) => {
    const { rules } = of("bucketLifecycleConfiguration:BucketLifecycleConfiguration", kind);
    const parsed = Rules.parse(rules);
    expect(parsed.every(({ status }) => status === "Enabled")).toBe(true);
    return Object.fromEntries(parsed.map(({ id, status: _, filter, ...rule }) => [id, { filter, ...rule }]));
  };
  test("[VD.1] the buckets are named by stage, kind, region and account", () => {
    const names = all("aws:s3/bucket:Bucket").map(({ inputs }) => String(inputs.bucket));
    expect(names).toEqual(expect.arrayContaining(buckets.map(bucketName)));
    for (const name of names) expect(name).toMatch(/^[a-z]+-t2m-[a-z]+-[a-z]+-[a-z]+-\d-123456789012$/);
  });

  test("[V1.1] every bucket keeps the versions of its objects", () => {
    for (const kind of buckets) {
      expect(of("bucketVersioning:BucketVersioning", kind).versioningConfiguration).toEqual({
        status: "Enabled",
      });
    }
  });

  test("no bucket can be made public, and all objects are its owner's", () => {
    for (const kind of buckets) {
      expect(of("bucketPublicAccessBlock:BucketPublicAccessBlock", kind)).toMatchObject({
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
      expect(of("bucketOwnershipControls:BucketOwnershipControls", kind).rule).toEqual({
        objectOwnership: "BucketOwnerEnforced",
      });
    }
  });

  test("a bucket refuses what does not come over TLS, and its policy allows nobody anything", () => {
    for (const kind of buckets) {
      const arn = `arn:aws:s3:::${bucketName(kind)}`;
      expect(statementsIn(of("bucketPolicy:BucketPolicy", kind).policy)).toEqual([
        {
          Effect: "Deny",
          Principal: { "*": ["*"] },
          Action: ["s3:*"],
          Resource: [arn, `${arn}/*`],
          Condition: { Bool: { "aws:SecureTransport": ["false"] } },
        },
      ]);
    }
  });

  test("[V1.3] the stage's page, and pages that it names, may put parts and fetch results; nothing else is open to other origins", () => {
    const allowedOrigins = isProduction
      ? ["https://t2m.example.org", "https://www.example.org"]
      : ["https://d0123456789abc.cloudfront.net"];
    const rules = all("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration").map(({ inputs }) => inputs);
    const rule = (methods: string[], headers: string[], exposed: string[]) => ({
      allowedOrigins,
      allowedMethods: methods,
      allowedHeaders: headers,
      exposeHeaders: exposed,
      maxAgeSeconds: 86_400,
    });
    expect(rules).toEqual([
      { bucket: bucketName("uploads"), corsRules: [rule(["PUT"], ["content-type", "x-amz-*"], ["ETag"])] },
      { bucket: bucketName("videos"), corsRules: [rule(["GET"], ["range"], [])] },
    ]);
  });

  test("[V1.4] [A10.3] storage does not grow for ever: old versions, leftovers and seldom seen videos", () => {
    const keptDays = isProduction ? 3 : 1;
    for (const kind of buckets) {
      expect(rulesOf(kind), kind).toMatchObject({
        "unfinished-uploads": {
          filter: everything,
          abortIncompleteMultipartUpload: { daysAfterInitiation: keptDays },
        },
        "old-versions": {
          filter: everything,
          noncurrentVersionExpiration: { noncurrentDays: isProduction ? 30 : 7 },
          expiration: { expiredObjectDeleteMarker: true },
        },
      });
    }
    expect(rulesOf("videos").tiering).toEqual({
      filter: everything,
      transitions: [{ days: 30, storageClass: "INTELLIGENT_TIERING" }],
    });
  });

  test("[C3.4] what is temporary goes after a week, a source a week after it should have; nothing else by itself", () => {
    const keptDays = isProduction ? 3 : 1;
    expect(rulesOf("temp").expiry).toEqual({ filter: everything, expiration: { days: 7 } });
    expect(rulesOf("uploads").expiry).toEqual({ filter: everything, expiration: { days: keptDays + 7 } });
    for (const kind of ["videos", "code", "thumbnails"]) expect(rulesOf(kind)).not.toHaveProperty("expiry");
  });

  test("only a stage that is not production loses its objects when it is removed", () => {
    for (const { inputs } of all("aws:s3/bucket:Bucket")) {
      expect(inputs.forceDestroy ?? false).toBe(!isProduction);
    }
  });

  test("every object trigger of the manifest is a notification that its bucket may send", () => {
    const notified = all("aws:s3/bucketNotification:BucketNotification").flatMap(({ inputs }) =>
      z
        .array(z.looseObject({ lambdaFunctionArn: z.string(), filterPrefix: z.string() }))
        .parse(inputs.lambdaFunctions)
        .map((notification) => ({ bucket: inputs.bucket, ...notification })),
    );
    const triggers = objectTriggers.filter(
      (trigger) => stage !== "dev" || trigger.function !== "delete-account",
    );
    expect(notified).toHaveLength(triggers.length);
    for (const trigger of triggers) {
      const arn = `arn:aws:lambda:${region}:123456789012:function:${stage}-t2m-${trigger.function}`;
      expect(notified).toContainEqual({
        id: expect.any(String),
        bucket: bucketName(trigger.bucket),
        filterPrefix: trigger.prefix,
        lambdaFunctionArn: arn,
        events: ["s3:ObjectCreated:*"],
      });
      const permissions = all("aws:lambda/permission:Permission").map(({ inputs }) => inputs);
      expect(permissions).toContainEqual(
        expect.objectContaining({
          function: arn,
          principal: "s3.amazonaws.com",
          sourceArn: `arn:aws:s3:::${bucketName(trigger.bucket)}`,
        }),
      );
    }
  });

  test("[A8.1] [V3.4] every object is encrypted by the stage's key, with one call of KMS for many", () => {
    for (const kind of buckets) {
      const type = "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
      expect(of(type, kind).rules, kind).toEqual([
        {
          applyServerSideEncryptionByDefault: {
            sseAlgorithm: "aws:kms",
            kmsMasterKeyId: `arn:aws:kms:${region}:123456789012:key/DataKey`,
          },
          bucketKeyEnabled: true,
        },
      ]);
    }
  });

  test("[V3.5] who asked a bucket for what is written down where nobody of ours writes, for as long as logs are kept", () => {
    for (const kind of buckets) {
      expect(of("bucketLogging:BucketLogging", kind)).toMatchObject({
        targetBucket: bucketName("logs"),
        targetPrefix: `s3/${kind}/`,
      });
    }
    const [deny, ...allow] = statementsIn(of("bucketPolicy:BucketPolicy", "logs").policy);
    expect(deny?.Effect).toBe("Deny");
    expect(allow).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: ["logging.s3.amazonaws.com"] },
        Action: ["s3:PutObject"],
        Resource: [`arn:aws:s3:::${bucketName("logs")}/s3/*`],
        Condition: { StringEquals: { "aws:SourceAccount": ["123456789012"] } },
      },
    ]);
    expect(rulesOf("logs").expiry).toEqual({
      filter: everything,
      expiration: { days: isProduction ? 365 : 30 },
    });
  });
});

describe("the second region", () => {
  const replicated = ["uploads", "videos", "code", "thumbnails"];
  const configs = (stage: Stage) =>
    synthesized(stage).all("aws:s3/bucketReplicationConfig:BucketReplicationConfig");
  const { where, all } = synthesized("production");
  const source = (kind: string) => `production-t2m-${kind}-eu-central-1-123456789012`;
  const copy = (kind: string) => `production-t2m-${kind}-eu-north-1-123456789012`;

  test("[V7.2] [A4.3] in production each object that cannot be made again is copied there, under a key of that region", () => {
    expect(configs("dev")).toEqual([]);
    expect(
      configs("production")
        .map(({ inputs }) => inputs.bucket)
        .sort(),
    ).toEqual(replicated.map(source).sort());
    for (const kind of replicated) {
      const { rules } = where(
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "bucket",
        source(kind),
      ).inputs;
      expect(rules).toEqual([
        {
          id: "everything",
          status: "Enabled",
          priority: 1,
          filter: everything,
          deleteMarkerReplication: { status: "Enabled" },
          sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
          destination: {
            bucket: `arn:aws:s3:::${copy(kind)}`,
            encryptionConfiguration: {
              replicaKmsKeyId: "arn:aws:kms:eu-north-1:123456789012:key/ReplicaKey",
            },
          },
        },
      ]);
    }
  });

  test("[C3.4] a copy ends by itself, as S3 does not pass on that a version was deleted for good", () => {
    for (const kind of replicated) {
      const type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
      const { rules, region } = where(type, "bucket", copy(kind)).inputs;
      expect(region).toBe("eu-north-1");
      expect(rules).toContainEqual({
        id: "expiry",
        status: "Enabled",
        filter: everything,
        expiration: { days: 33 },
      });
    }
  });

  test("[V3.1] who copies may read these buckets, write those, and nothing else", () => {
    const role = where("aws:iam/role:Role", "name", "production-t2m-replication");
    const arns = (name: (kind: string) => string, end = "") =>
      replicated.map((kind) => `arn:aws:s3:::${name(kind)}${end}`);
    expect(statementsOf(role).slice(0, 3)).toEqual([
      {
        Effect: "Allow",
        Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
        Resource: arns(source),
      },
      {
        Effect: "Allow",
        Action: ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
        Resource: arns(source, "/*"),
      },
      {
        Effect: "Allow",
        Action: ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
        Resource: arns(copy, "/*"),
      },
    ]);
  });

  test("in production no bucket of the account can be made public; it is one stage's business", () => {
    const type = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock";
    expect(all(type)).toHaveLength(1);
    expect(synthesized("staging").all(type)).toEqual([]);
  });
});
