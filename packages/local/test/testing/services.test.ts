import { buckets } from "@t2m/contract/keys";
import { AwsClient } from "aws4fetch";
import { expect, test } from "vitest";
import { createBuckets } from "../../src/buckets.ts";
import { bucketName } from "../../src/names.ts";
import { startServices } from "../../src/testing.ts";

test("a stage has its five buckets, versioned and open to uploads from the page; making them again changes nothing", async () => {
  const { s3, stage, region } = await startServices();
  await createBuckets(s3, stage, ["http://localhost:3000"]);
  const client = new AwsClient({ ...s3.credentials, region, service: "s3" });

  for (const bucket of buckets) {
    const name = bucketName(stage, bucket, region);
    const versioning = await client.fetch(`${s3.endpoint}/${name}?versioning`);
    expect(await versioning.text()).toContain("<Status>Enabled</Status>");
    const preflight = await fetch(`${s3.endpoint}/${name}/key`, {
      method: "OPTIONS",
      headers: { origin: "http://localhost:3000", "access-control-request-method": "PUT" },
    });
    expect(preflight.headers.get("access-control-allow-origin")).toBe("http://localhost:3000");
    expect(preflight.headers.get("access-control-expose-headers")).toContain("ETag");
  }
});
