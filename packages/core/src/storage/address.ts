import type { Bucket } from "@t2m/contract/keys";
import { encode, encodeQuery } from "../aws/sigv4.ts";
import { config } from "../config.ts";

/** An object by its place. `key` as `@t2m/contract/keys` makes it. */
export type ObjectRef = { bucket: Bucket; key: string };

/** Where a bucket or an object is: on AWS the bucket is in the host's name, elsewhere in the path. */
export function locate(bucket: Bucket, key = ""): { origin: string; host: string; path: string } {
  const { buckets, aws } = config();
  const encodedKey = key.split("/").map(encode).join("/");
  if (!aws.s3Endpoint) {
    const host = `${buckets[bucket]}.s3.${aws.region}.amazonaws.com`;
    return { origin: `https://${host}`, host, path: `/${encodedKey}` };
  }
  const { origin, host, pathname } = new URL(aws.s3Endpoint);
  const below = pathname === "/" ? "" : pathname;
  return { origin, host, path: `${below}/${buckets[bucket]}${encodedKey === "" ? "" : `/${encodedKey}`}` };
}

export function s3Url(bucket: Bucket, key: string | undefined, query: Record<string, string>): URL {
  const { origin, path } = locate(bucket, key);
  const encoded = encodeQuery(query);
  return new URL(`${origin}${path}${encoded === "" ? "" : `?${encoded}`}`);
}
