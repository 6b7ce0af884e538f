import { buckets } from "@t2m/contract/keys";
import { objectTriggers } from "@t2m/functions/manifest";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { stages, statementsIn, synthesized } from "./synthesized.ts";

const Rules = z.array(z.looseObject({ id: z.string(), status: z.string(), filter: z.unknown() }));

describe.each(stages)("%s", (stage) => {
  const { all, where } = synthesized(stage);
  const region = stage === "dev" ? "us-east-1" : "eu-central-1";
  const bucketName = (kind: string) => `${stage}-t2m-${kind}-${region}-123456789012`;
  const of = (type: string, kind: string) => where(`aws:s3/${type}`, "bucket", bucketName(kind)).inputs;
  const rulesOf = (kind: string) => {
    const { rules } = of("bucketLifecycleConfiguration:BucketLifecycleConfiguration", kind);
    const parsed = Rules.parse(rules);
    expect(parsed.every(({ status }) => status === "Enabled")).toBe(true);
    return Object.fromEntries(parsed.map(({ id, status: _, filter, ...rule }) => [id, { filter, ...rule }]));
  };
  const everything = { prefix: "" };

  test("[VD.1] the buckets are named by stage, kind, region and account", () => {
    const names = all("aws:s3/bucket:Bucket").map(({ inputs }) => inputs.bucket);
    expect(names.sort()).toEqual(buckets.map(bucketName).sort());
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

  test("pages of the stage's origins may put parts and read their ETags; nothing else is open to other origins", () => {
    expect(all("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration")).toHaveLength(1);
    expect(of("bucketCorsConfiguration:BucketCorsConfiguration", "uploads").corsRules).toEqual([
      {
        allowedOrigins: stage === "dev" ? ["*"] : ["https://t2m.example.org", "https://www.t2m.example.org"],
        allowedMethods: ["PUT"],
        allowedHeaders: ["content-type", "x-amz-*"],
        exposeHeaders: ["ETag"],
        maxAgeSeconds: 86_400,
      },
    ]);
  });

  test("[V1.4] [A10.3] storage does not grow for ever: old versions, leftovers and seldom seen videos", () => {
    const keptDays = stage === "dev" ? 1 : 3;
    for (const kind of buckets) {
      expect(rulesOf(kind), kind).toMatchObject({
        "unfinished-uploads": {
          filter: everything,
          abortIncompleteMultipartUpload: { daysAfterInitiation: keptDays },
        },
        "old-versions": {
          filter: everything,
          noncurrentVersionExpiration: { noncurrentDays: stage === "dev" ? 7 : 30 },
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
    const keptDays = stage === "dev" ? 1 : 3;
    expect(rulesOf("temp").expiry).toEqual({ filter: everything, expiration: { days: 7 } });
    expect(rulesOf("uploads").expiry).toEqual({ filter: everything, expiration: { days: keptDays + 7 } });
    for (const kind of ["videos", "code", "thumbnails"]) expect(rulesOf(kind)).not.toHaveProperty("expiry");
  });

  test("only a stage that is not production loses its objects when it is removed", () => {
    for (const { inputs } of all("aws:s3/bucket:Bucket")) expect(inputs.forceDestroy).toBe(stage === "dev");
  });

  test("every object trigger of the manifest is a notification that its bucket may send", () => {
    const notified = all("aws:s3/bucketNotification:BucketNotification").flatMap(({ inputs }) =>
      z
        .array(z.looseObject({ lambdaFunctionArn: z.string(), filterPrefix: z.string() }))
        .parse(inputs.lambdaFunctions)
        .map((notification) => ({ bucket: inputs.bucket, ...notification })),
    );
    expect(notified).toHaveLength(objectTriggers.length);
    for (const trigger of objectTriggers) {
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
});
