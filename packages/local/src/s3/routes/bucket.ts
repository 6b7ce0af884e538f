import * as z from "zod/mini";
import { listBuckets as allBuckets, needBucket } from "../buckets.ts";
import { isoTime } from "../encoding.ts";
import { S3Error } from "../errors.ts";
import { type Exchange, sendEmpty, sendXml } from "../exchange.ts";
import { OWNER } from "../paging.ts";
import { receiveText } from "../receive.ts";
import { commit, type Store } from "../store.ts";
import { removeUpload, Upload } from "../uploads.ts";
import { parseXml } from "../xml.ts";

const Found = z.object({ found: z.number() });

export function listBuckets(store: Store, exchange: Exchange): void {
  const Bucket = allBuckets(store.database).map(({ name, createdAt }) => ({
    Name: name,
    CreationDate: isoTime(createdAt),
    BucketRegion: store.region,
  }));
  sendXml(exchange, "ListAllMyBucketsResult", { Owner: OWNER, Buckets: { Bucket } });
}

export async function createBucket(store: Store, exchange: Exchange): Promise<void> {
  const { bucket, response } = exchange;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || bucket.includes(".."))
    throw new S3Error("InvalidBucketName", 400, "The specified bucket is not valid.", {
      BucketName: bucket,
    });
  await receiveText(exchange);
  const present = store.database.get(Found, "select 1 as found from bucket where name = ?", bucket);
  if (present)
    throw new S3Error(
      "BucketAlreadyOwnedByYou",
      409,
      "Your previous request to create the named bucket succeeded and you already own it.",
      { BucketName: bucket },
    );
  store.database.run("insert into bucket(name, createdAt) values(?, ?)", bucket, Date.now());
  response.setHeader("Location", `/${bucket}`);
  sendEmpty(exchange);
}

export function headBucket(store: Store, exchange: Exchange): void {
  needBucket(store.database, exchange.bucket);
  exchange.response.setHeader("x-amz-bucket-region", store.region);
  sendEmpty(exchange);
}

export async function deleteBucket(store: Store, exchange: Exchange): Promise<void> {
  const { bucket } = exchange;
  await commit(store, (change) => {
    const { database } = store;
    needBucket(database, bucket);
    if (database.get(Found, "select 1 as found from object where bucket = ? limit 1", bucket))
      throw new S3Error("BucketNotEmpty", 409, "The bucket you tried to delete is not empty", {
        BucketName: bucket,
      });
    for (const upload of database.all(Upload, "select * from upload where bucket = ?", bucket))
      removeUpload(store, change, upload.id);
    database.run("delete from bucketConfig where bucket = ?", bucket);
    database.run("delete from bucket where name = ?", bucket);
  });
  sendEmpty(exchange, 204);
}

export function getVersioning(store: Store, exchange: Exchange): void {
  const { versioning } = needBucket(store.database, exchange.bucket);
  sendXml(exchange, "VersioningConfiguration", versioning ? { Status: versioning } : {});
}

const VersioningConfiguration = z.object({ Status: z.enum(["Enabled", "Suspended"]) });

export async function putVersioning(store: Store, exchange: Exchange): Promise<void> {
  const { name } = needBucket(store.database, exchange.bucket);
  const { text } = await receiveText(exchange);
  const { Status } = parseXml(text, "VersioningConfiguration", VersioningConfiguration);
  store.database.run("update bucket set versioning = ? where name = ?", Status, name);
  sendEmpty(exchange);
}

export function getLocation(store: Store, exchange: Exchange): void {
  needBucket(store.database, exchange.bucket);
  // S3's first region has no name here.
  sendXml(exchange, "LocationConstraint", store.region === "us-east-1" ? "" : store.region);
}
