import { type Bucket, buckets } from "@t2m/contract/keys";
import { AwsClient } from "aws4fetch";
import { expect, test } from "vitest";
import { createBuckets } from "../../src/buckets.ts";
import { bucketName } from "../../src/names.ts";
import { startServices } from "../../src/testing.ts";

test("a stage has its five buckets, versioned; making them again changes nothing", async () => {
  const { s3, stage, region } = await startServices();
  await createBuckets(s3, stage, ["http://localhost:3000"]);
  const client = new AwsClient({ ...s3.credentials, region, service: "s3" });
  for (const bucket of buckets) {
    const versioning = await client.fetch(`${s3.endpoint}/${bucketName(stage, bucket, region)}?versioning`);
    expect(await versioning.text()).toContain("<Status>Enabled</Status>");
  }
});

test("pages of the stage may put parts and read their ETags, and read results; other pages and buckets nothing", async () => {
  const { s3, stage, region } = await startServices();
  const asks = async (bucket: Bucket, method: string, origin: string) => {
    const asked = { origin, "access-control-request-method": method };
    const address = `${s3.endpoint}/${bucketName(stage, bucket, region)}/key`;
    const { status, headers } = await fetch(address, { method: "OPTIONS", headers: asked });
    return { isAllowed: status === 200, exposed: headers.get("access-control-expose-headers") };
  };
  for (const bucket of buckets) {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const isOpen = `${method} ${bucket}` === "PUT uploads" || `${method} ${bucket}` === "GET videos";
      const { isAllowed } = await asks(bucket, method, "http://localhost:3000");
      expect(isAllowed, `${method} ${bucket}`).toBe(isOpen);
      expect((await asks(bucket, method, "http://elsewhere.example")).isAllowed).toBe(false);
    }
  }
  expect((await asks("uploads", "PUT", "http://localhost:3000")).exposed).toBe("ETag");
});
