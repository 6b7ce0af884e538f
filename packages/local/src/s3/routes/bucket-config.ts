import { bucketConfig, needBucket, removeBucketConfig, setBucketConfig } from "../buckets.ts";
import { corsRules, parseCors } from "../cors.ts";
import { malformedXml, S3Error } from "../errors.ts";
import { type Exchange, sendEmpty, sendText, sendXml } from "../exchange.ts";
import { notificationsOf, parseNotifications } from "../notifications.ts";
import { receiveText } from "../receive.ts";
import type { Store } from "../store.ts";

/** Configurations that are kept and given back as they came, and the error for one that is not there. */
const KEPT: Record<string, { code: string; message: string }> = {
  encryption: {
    code: "ServerSideEncryptionConfigurationNotFoundError",
    message: "The server side encryption configuration was not found",
  },
  lifecycle: {
    code: "NoSuchLifecycleConfiguration",
    message: "The lifecycle configuration does not exist",
  },
  ownershipControls: {
    code: "OwnershipControlsNotFoundError",
    message: "The bucket ownership controls were not found",
  },
  policy: { code: "NoSuchBucketPolicy", message: "The bucket policy does not exist" },
  publicAccessBlock: {
    code: "NoSuchPublicAccessBlockConfiguration",
    message: "The public access block configuration was not found",
  },
  replication: {
    code: "ReplicationConfigurationNotFoundError",
    message: "The replication configuration was not found",
  },
  tagging: { code: "NoSuchTagSet", message: "The TagSet does not exist" },
  website: {
    code: "NoSuchWebsiteConfiguration",
    message: "The specified bucket does not have a website configuration",
  },
};

/** The configuration a bucket request is about, if any. */
export const configName = (query: URLSearchParams): string | undefined =>
  ["cors", "notification", ...Object.keys(KEPT)].find((name) => query.has(name));

export function getConfig(store: Store, exchange: Exchange, name: string): void {
  needBucket(store.database, exchange.bucket);
  if (name === "notification") getNotifications(store, exchange);
  else if (name === "cors") getCors(store, exchange);
  else getKept(store, exchange, name);
}

function getNotifications({ database }: Store, exchange: Exchange): void {
  // Unlike the others this one always exists, be it empty.
  sendXml(exchange, "NotificationConfiguration", notificationsOf(database, exchange.bucket));
}

function getCors({ database }: Store, exchange: Exchange): void {
  const rules = corsRules(database, exchange.bucket);
  if (rules.length === 0)
    throw new S3Error("NoSuchCORSConfiguration", 404, "The CORS configuration does not exist", {
      BucketName: exchange.bucket,
    });
  sendXml(exchange, "CORSConfiguration", { CORSRule: rules });
}

function getKept({ database }: Store, exchange: Exchange, name: string): void {
  const document = bucketConfig(database, exchange.bucket, name);
  const absent = KEPT[name];
  if (document === undefined)
    throw new S3Error(absent?.code ?? "NoSuchConfiguration", 404, absent?.message ?? "Not found", {
      BucketName: exchange.bucket,
    });
  sendText(exchange, document, name === "policy" ? "application/json" : "application/xml");
}

export async function putConfig(store: Store, exchange: Exchange, name: string): Promise<void> {
  const { bucket } = exchange;
  needBucket(store.database, bucket);
  const { text } = await receiveText(exchange);
  setBucketConfig(store.database, bucket, name, readConfig(name, text));
  sendEmpty(exchange, name === "policy" ? 204 : 200);
}

function readConfig(name: string, text: string): string {
  if (name === "cors") return parseCors(text);
  if (name === "notification") return parseNotifications(text);
  if (text.trim() === "") throw malformedXml();
  return text;
}

export function deleteConfig(store: Store, exchange: Exchange, name: string): void {
  needBucket(store.database, exchange.bucket);
  removeBucketConfig(store.database, exchange.bucket, name);
  sendEmpty(exchange, 204);
}
