import { crossOrigin } from "@t2m/contract/cross-origin";
import { type Bucket, buckets } from "@t2m/contract/keys";
import { AwsClient } from "aws4fetch";
import { bucketName } from "./names.ts";
import type { Credentials } from "./settings.ts";

/** An S3 and how to sign for it. */
export type S3Server = { endpoint: string; region: string; credentials: Credentials };

/**
 * Creates a stage's five buckets where they are not there yet: versioned, and open to the page's origins as
 * `contract/cross-origin` has it.
 * @throws Error naming the bucket and S3's answer
 */
export async function createBuckets(
  server: S3Server,
  stage: string,
  origins: readonly string[],
): Promise<void> {
  const client = new AwsClient({ ...server.credentials, region: server.region, service: "s3" });
  const put = async (path: string, body: string) => {
    const response = await client.fetch(`${server.endpoint}/${path}`, {
      method: "PUT",
      ...(body ? { body, headers: { "content-type": "application/xml" } } : {}),
    });
    const text = await response.text();
    // Ours already: a second start finds the buckets of the first.
    if (response.ok || text.includes("BucketAlreadyOwnedByYou")) return;
    throw new Error(`S3 refused PUT /${path}: ${response.status} ${text.slice(0, 300)}`);
  };
  await Promise.all(
    buckets.map(async (bucket) => {
      const name = bucketName(stage, bucket, server.region);
      await put(name, server.region === "us-east-1" ? "" : locationIn(server.region));
      await put(
        `${name}?versioning`,
        `<VersioningConfiguration ${namespace}><Status>Enabled</Status></VersioningConfiguration>`,
      );
      const rule = corsFor(bucket, origins);
      if (rule) await put(`${name}?cors`, rule);
    }),
  );
}

const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

function locationIn(region: string): string {
  return (
    `<CreateBucketConfiguration ${namespace}>` +
    `<LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`
  );
}

function corsFor(bucket: Bucket, origins: readonly string[]): string | undefined {
  const rule = crossOrigin[bucket];
  if (!rule) return undefined;
  const each = (element: string, values: readonly string[]) =>
    values.map((value) => `<${element}>${value}</${element}>`).join("");
  return [
    `<CORSConfiguration ${namespace}><CORSRule>`,
    each("AllowedOrigin", origins),
    each("AllowedMethod", rule.methods),
    each("AllowedHeader", rule.headers),
    each("ExposeHeader", rule.exposed),
    "<MaxAgeSeconds>86400</MaxAgeSeconds></CORSRule></CORSConfiguration>",
  ].join("");
}
