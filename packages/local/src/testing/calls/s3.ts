import { buckets } from "@t2m/contract/keys";
import type { Exchange } from "../../s3/server.ts";

/** One thing that somebody asked of AWS, as IAM judges it. */
export type Asked = {
  /** As in a policy. */
  action: string;
  /** `uploads`, `uploads/users/…`; the table is `live`, its index `live/index/due`. */
  resource: string;
  /** What a list was asked for. */
  prefix?: string;
};

/**
 * What a request to S3 needs a right to:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 * A request that nothing of ours makes is given a right that nobody has.
 */
export function askedOfS3(exchange: Exchange): Asked[] {
  const { method, key, query, headers, removed } = exchange;
  const bucket = kindOf(exchange.bucket);
  const on = (action: string, name = key): Asked => ({
    action: `s3:${action}`,
    resource: `${bucket}/${name}`,
  });
  // To delete a version takes both rights, as S3's reference of DeleteObjects has it.
  if (removed.length > 0) {
    return removed.flatMap(({ key: name, versionId }) =>
      versionId ? [on("DeleteObject", name), on("DeleteObjectVersion", name)] : [on("DeleteObject", name)],
    );
  }
  if (key === "") return [askedOfBucket(bucket, exchange)];
  const ofVersion = query.has("versionId") ? "Version" : "";
  if (method === "GET" && query.has("uploadId")) return [on("ListMultipartUploadParts")];
  if (method === "DELETE" && query.has("uploadId")) return [on("AbortMultipartUpload")];
  if (query.has("tagging")) {
    const verbs = { GET: "Get", PUT: "Put", DELETE: "Delete" };
    const verb = Object.entries(verbs).find(([name]) => name === method)?.[1];
    return [on(`${verb}Object${ofVersion}Tagging`)];
  }
  if (method === "GET" || method === "HEAD") return [on(`GetObject${ofVersion}`)];
  if (method !== "PUT" && method !== "POST") return [on(`Unknown${method}`)];
  const source = headers["x-amz-copy-source"];
  const setsTags = headers["x-amz-tagging"] !== undefined;
  return [
    on("PutObject"),
    // A copy takes the tags along, unless it says that it does not.
    ...(setsTags || (source && !query.has("uploadId")) ? [on("PutObjectTagging")] : []),
    ...(source ? askedOfSource(source, query.has("uploadId")) : []),
  ];
}

function askedOfBucket(bucket: string, { method, query }: Exchange): Asked {
  if (method !== "GET") return { action: `s3:Unknown${method}`, resource: bucket };
  if (query.has("uploads")) return { action: "s3:ListBucketMultipartUploads", resource: bucket };
  const action = query.has("versions") ? "s3:ListBucketVersions" : "s3:ListBucket";
  return { action, resource: bucket, prefix: query.get("prefix") ?? "" };
}

/** `bucket/key?versionId=…` */
function askedOfSource(source: string, isPart: boolean): Asked[] {
  const [path = "", query = ""] = source.split("?");
  const [bucket = "", ...key] = decodeURIComponent(path).replace(/^\//, "").split("/");
  const ofVersion = query.includes("versionId=") ? "Version" : "";
  const resource = `${kindOf(bucket)}/${key.join("/")}`;
  const read = { action: `s3:GetObject${ofVersion}`, resource };
  return isPart ? [read] : [read, { action: `s3:GetObject${ofVersion}Tagging`, resource }];
}

/** A stage's own name is of no use elsewhere; one that is none of its buckets' stays. */
function kindOf(name: string): string {
  return buckets.find((bucket) => name.includes(`-t2m-${bucket}-`)) ?? name;
}
