import {
  DeleteBucketCommand,
  DeleteBucketCorsCommand,
  DeleteObjectCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { expect, test } from "vitest";
import { REGION, refusal, refusalOf, useRig } from "./support/rig.ts";

const rig = useRig();

test("buckets are listed, located, found and removed when empty", async () => {
  const Bucket = await rig.bucket();
  const { Buckets } = await rig.s3.send(new ListBucketsCommand());
  expect(Buckets?.map((bucket) => bucket.Name)).toContain(Bucket);
  expect((await rig.s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe(REGION);
  expect((await rig.s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe(REGION);
  expect((await rig.s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();

  await rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  const full = { code: "BucketNotEmpty", status: 409 };
  expect(await refusal(rig.s3.send(new DeleteBucketCommand({ Bucket })))).toEqual(full);
  await rig.s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  await rig.s3.send(new DeleteBucketCommand({ Bucket }));
  const gone = { code: "NotFound", status: 404 };
  expect(await refusal(rig.s3.send(new HeadBucketCommand({ Bucket })))).toEqual(gone);
});

test("lifecycle and policy are kept as given; one that is absent answers with its own code", async () => {
  const Bucket = await rig.bucket();
  const lifecycle = () => rig.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  const policy = () => rig.s3.send(new GetBucketPolicyCommand({ Bucket }));
  expect(await refusal(lifecycle())).toEqual({ code: "NoSuchLifecycleConfiguration", status: 404 });
  expect(await refusal(policy())).toEqual({ code: "NoSuchBucketPolicy", status: 404 });

  const Rules = [
    { ID: "temp", Status: "Enabled" as const, Filter: { Prefix: "tmp/" }, Expiration: { Days: 7 } },
  ];
  await rig.s3.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }),
  );
  expect((await lifecycle()).Rules).toEqual(Rules);
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [] });
  await rig.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  expect((await policy()).Policy).toBe(Policy);
});

test("notification filters are kept, and entries without an id are named", async () => {
  const Bucket = await rig.bucket();
  const get = () => rig.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  expect((await get()).LambdaFunctionConfigurations).toBeUndefined();
  const FilterRules = [
    { Name: "prefix" as const, Value: "users/" },
    { Name: "suffix" as const, Value: ".mp3" },
  ];
  const LambdaFunctionArn = "arn:aws:lambda:eu-central-1:000000000000:function:convert";
  const entry = {
    LambdaFunctionArn,
    Events: ["s3:ObjectCreated:*" as const],
    Filter: { Key: { FilterRules } },
  };
  await rig.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: { LambdaFunctionConfigurations: [entry] },
    }),
  );
  const [stored] = (await get()).LambdaFunctionConfigurations ?? [];
  expect(stored).toMatchObject(entry);
  expect(stored?.Id).toBeTruthy();
});

test("what is not implemented says so instead of doing something else", async () => {
  const Bucket = await rig.bucket();
  await rig.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  const acl = rig.s3.send(new GetObjectAclCommand({ Bucket, Key: "k" }));
  expect(await refusal(acl)).toEqual({ code: "NotImplemented", status: 501 });
});

const ORIGIN = "https://app.example.org";

async function corsBucket(): Promise<string> {
  const Bucket = await rig.bucket();
  const CORSRules = [
    {
      AllowedOrigins: ["https://*.example.org", "http://localhost:5173"],
      AllowedMethods: ["GET", "PUT", "HEAD"],
      AllowedHeaders: ["content-type", "x-amz-*"],
      ExposeHeaders: ["ETag", "x-amz-checksum-crc32"],
      MaxAgeSeconds: 3000,
    },
  ];
  await rig.s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  expect((await rig.s3.send(new GetBucketCorsCommand({ Bucket }))).CORSRules).toEqual(CORSRules);
  return Bucket;
}

const preflight = (path: string, method: string, headers: string, origin = ORIGIN) =>
  fetch(`${rig.server.url}/${path}`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": method,
      "access-control-request-headers": headers,
    },
  });

test("a preflight is allowed by origin, method and headers, without a signature", async () => {
  const Bucket = await corsBucket();
  const allowed = await preflight(`${Bucket}/k`, "PUT", "Content-Type, x-amz-checksum-crc32");
  expect(allowed.status).toBe(200);
  expect(Object.fromEntries(allowed.headers)).toMatchObject({
    "access-control-allow-origin": ORIGIN,
    "access-control-allow-methods": "GET, PUT, HEAD",
    "access-control-allow-headers": "content-type, x-amz-checksum-crc32",
    "access-control-max-age": "3000",
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  });
  const forbidden = { code: "AccessForbidden", status: 403 };
  expect(await refusalOf(await preflight(`${Bucket}/k`, "DELETE", ""))).toEqual(forbidden);
  expect(await refusalOf(await preflight(`${Bucket}/k`, "PUT", "authorization"))).toEqual(forbidden);
  expect(await refusalOf(await preflight(`${Bucket}/k`, "PUT", "", "https://example.com"))).toEqual(
    forbidden,
  );
  await rig.s3.send(new DeleteBucketCorsCommand({ Bucket }));
  expect(await refusalOf(await preflight(`${Bucket}/k`, "PUT", ""))).toEqual(forbidden);
  const absent = rig.s3.send(new GetBucketCorsCommand({ Bucket }));
  expect(await refusal(absent)).toEqual({ code: "NoSuchCORSConfiguration", status: 404 });
});

test("a page can read the ETag of its upload, and the reason of a refusal", async () => {
  const Bucket = await corsBucket();
  const url = await getSignedUrl(rig.s3, new PutObjectCommand({ Bucket, Key: "k" }), { expiresIn: 60 });
  const put = (target: string, origin = ORIGIN) =>
    fetch(target, { method: "PUT", body: "x", headers: { origin } });

  const stored = await put(url);
  expect(stored.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  expect(stored.headers.get("access-control-expose-headers")).toBe("ETag, x-amz-checksum-crc32");
  expect(stored.headers.get("etag")).toBeTruthy();
  const refused = await put(`${url}0`);
  expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([403, ORIGIN]);
  const foreign = await put(url, "https://example.com");
  expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
});
