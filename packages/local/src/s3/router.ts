import { notImplemented, S3Error } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import * as bucket from "./routes/bucket.ts";
import { configName, deleteConfig, getConfig, putConfig } from "./routes/bucket-config.ts";
import { completeUpload } from "./routes/complete-upload.ts";
import { copyObject } from "./routes/copy-object.ts";
import { deleteObject, deleteObjects } from "./routes/delete-object.ts";
import { getObject } from "./routes/get-object.ts";
import { listObjectsV1, listObjectsV2, listVersions } from "./routes/list-objects.ts";
import { listParts, listUploads } from "./routes/list-uploads.ts";
import { abortUpload, createUpload, uploadPart, uploadPartCopy } from "./routes/multipart.ts";
import { deleteTagging, getAttributes, getTagging, putTagging } from "./routes/object-facts.ts";
import { putObject } from "./routes/put-object.ts";
import type { Route, Store } from "./store.ts";

const LONGEST_KEY_BYTES = 1024;
/** Parameters that name a resource of its own: unknown to us, the request must not fall through to the object. */
const UNSUPPORTED = [
  "accelerate",
  "acl",
  "analytics",
  "intelligent-tiering",
  "inventory",
  "legal-hold",
  "logging",
  "metrics",
  "object-lock",
  "policyStatus",
  "requestPayment",
  "restore",
  "retention",
  "select",
  "torrent",
];

/** @throws KeyTooLongError, NotImplemented, MethodNotAllowed and what the route throws */
export async function route(store: Store, exchange: Exchange): Promise<void> {
  if (Buffer.byteLength(exchange.key) > LONGEST_KEY_BYTES)
    throw new S3Error("KeyTooLongError", 400, "Your key is too long", {
      Size: Buffer.byteLength(exchange.key),
      MaxSizeAllowed: LONGEST_KEY_BYTES,
    });
  const unsupported = UNSUPPORTED.find((name) => exchange.query.has(name));
  if (unsupported) throw notImplemented(`?${unsupported}`);
  const found = exchange.key
    ? objectRoute(exchange)
    : exchange.bucket
      ? bucketRoute(exchange)
      : serviceRoute(exchange);
  if (!found)
    throw new S3Error("MethodNotAllowed", 405, "The specified method is not allowed against this resource.", {
      Method: exchange.method,
      ResourceType: exchange.key ? "OBJECT" : "BUCKET",
    });
  await found(store, exchange);
}

const serviceRoute = ({ method }: Exchange): Route | undefined =>
  method === "GET" ? bucket.listBuckets : undefined;

function bucketRoute({ method, query }: Exchange): Route | undefined {
  if (query.has("versioning")) return { GET: bucket.getVersioning, PUT: bucket.putVersioning }[method];
  if (query.has("location")) return { GET: bucket.getLocation }[method];
  if (query.has("versions")) return { GET: listVersions }[method];
  if (query.has("uploads")) return { GET: listUploads }[method];
  if (query.has("delete")) return { POST: deleteObjects }[method];
  const config = configName(query);
  const change = { GET: getConfig, PUT: putConfig, DELETE: deleteConfig }[method];
  if (config && change) return (store, exchange) => change(store, exchange, config);
  const list = query.get("list-type") === "2" ? listObjectsV2 : listObjectsV1;
  return {
    DELETE: bucket.deleteBucket,
    GET: list,
    HEAD: bucket.headBucket,
    PUT: bucket.createBucket,
  }[method];
}

function objectRoute({ method, query, headers }: Exchange): Route | undefined {
  const copying = headers["x-amz-copy-source"] !== undefined;
  if (query.has("uploads")) return { POST: createUpload }[method];
  if (query.has("uploadId"))
    return {
      DELETE: abortUpload,
      GET: listParts,
      POST: completeUpload,
      PUT: copying ? uploadPartCopy : uploadPart,
    }[method];
  if (query.has("tagging")) return { DELETE: deleteTagging, GET: getTagging, PUT: putTagging }[method];
  if (query.has("attributes")) return { GET: getAttributes }[method];
  return {
    DELETE: deleteObject,
    GET: getObject,
    HEAD: getObject,
    PUT: copying ? copyObject : putObject,
  }[method];
}
