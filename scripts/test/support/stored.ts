import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Bucket, buckets } from "@t2m/contract/keys";
import { partitionOf } from "@t2m/core/live/keys";
import { listMultipartUploads } from "@t2m/core/storage/multipart-lists";
import { listVersions } from "@t2m/core/storage/versions";
import { type DynamodbServer, dynamodbCalls } from "@t2m/local/dynamodb/call";
import * as z from "zod/mini";

type Live = DynamodbServer & { table: string };

/** Keys of all that S3 holds of a person: every version and delete marker, and `unfinished …` uploads. */
export async function objectsOf(userId: string, only: readonly Bucket[] = buckets): Promise<string[]> {
  const found = only.map(async (bucket) => {
    const prefixes = bucket === "temp" ? [`work/convert/users/${userId}/`] : [`users/${userId}/`];
    return await Promise.all(prefixes.map((prefix) => below(bucket, prefix)));
  });
  return (await Promise.all(found)).flat(2);
}

async function below(bucket: Bucket, prefix: string): Promise<string[]> {
  const versions = (await Array.fromAsync(listVersions(bucket, prefix))).flat();
  const open = await Array.fromAsync(listMultipartUploads(bucket, prefix));
  return [
    ...versions.map(({ key }) => `${bucket}/${key}`),
    ...open.map(({ key }) => `unfinished ${bucket}/${key}`),
  ];
}

const Page = z.object({ Items: z.array(z.object({ sk: z.object({ S: z.string() }) })) });

/** Sort keys of all that the live table holds of a person, expired items included. */
export async function itemsOf(live: Live, userId: string): Promise<string[]> {
  const query = {
    TableName: live.table,
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": { S: partitionOf(userId) } },
    ConsistentRead: true,
  };
  const { Items } = await dynamodbCalls(live)("Query", query, Page);
  return Items.map(({ sk }) => sk.S);
}

/** Files in the converters' temporary folders. */
export function temporaryFilesOf(directory: string): string[] {
  return readdirSync(join(directory, "lambda/sandboxes"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.includes("t2m-convert"))
    .map(({ parentPath, name }) => join(parentPath, name));
}
