import { buckets } from "@t2m/contract/keys";
import { AwsClient } from "aws4fetch";
import { bucketName } from "./names.ts";
import type { Credentials } from "./settings.ts";

/** An S3 and how to sign for it. */
export type S3Server = { endpoint: string; region: string; credentials: Credentials };

/**
 * Creates a stage's five buckets where they are not there yet: versioned, and open to uploads from the page's
 * origin, which must be able to read each part's ETag.
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
      await put(`${name}?cors`, corsFor(origins));
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

function corsFor(origins: readonly string[]): string {
  return [
    `<CORSConfiguration ${namespace}><CORSRule>`,
    ...origins.map((origin) => `<AllowedOrigin>${origin}</AllowedOrigin>`),
    ...["GET", "HEAD", "PUT"].map((method) => `<AllowedMethod>${method}</AllowedMethod>`),
    "<AllowedHeader>*</AllowedHeader>",
    "<ExposeHeader>ETag</ExposeHeader><ExposeHeader>Content-Disposition</ExposeHeader>",
    "<MaxAgeSeconds>3600</MaxAgeSeconds></CORSRule></CORSConfiguration>",
  ].join("");
}
