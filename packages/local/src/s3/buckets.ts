import * as z from "zod/mini";
import type { Database } from "./database.ts";
import { noSuchBucket } from "./errors.ts";

const Bucket = z.object({
  name: z.string(),
  createdAt: z.number(),
  /** Empty until versioning is first switched on. */
  versioning: z.enum(["", "Enabled", "Suspended"]),
});
export type Bucket = z.infer<typeof Bucket>;

/** @throws NoSuchBucket */
export function needBucket(database: Database, name: string): Bucket {
  const bucket = database.get(Bucket, "select * from bucket where name = ?", name);
  if (!bucket) throw noSuchBucket(name);
  return bucket;
}

export const listBuckets = (database: Database) => database.all(Bucket, "select * from bucket order by name");

const Config = z.object({ document: z.string() });

/** A stored configuration; of CORS and notification the document is JSON, of all others as it came. */
export const bucketConfig = (database: Database, bucket: string, name: string): string | undefined =>
  database.get(Config, "select document from bucketConfig where bucket = ? and name = ?", bucket, name)
    ?.document;

export function setBucketConfig(database: Database, bucket: string, name: string, document: string): void {
  database.run(
    "insert or replace into bucketConfig(bucket, name, document) values(?, ?, ?)",
    bucket,
    name,
    document,
  );
}

export function removeBucketConfig(database: Database, bucket: string, name: string): void {
  database.run("delete from bucketConfig where bucket = ? and name = ?", bucket, name);
}
