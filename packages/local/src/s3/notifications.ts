import { randomUUID } from "node:crypto";
import * as z from "zod/mini";
import { bucketConfig } from "./buckets.ts";
import type { Database } from "./database.ts";
import type { S3EventName } from "./events.ts";
import type { Exchange } from "./exchange.ts";
import type { Store } from "./store.ts";
import { container, parseXml } from "./xml.ts";

const FilterRule = z.object({ Name: z.string(), Value: z.string() });
const Filter = container(
  z.object({ S3Key: z.optional(container(z.object({ FilterRule: z.optional(z.array(FilterRule)) }))) }),
);
const common = { Id: z.optional(z.string()), Event: z.array(z.string()), Filter: z.optional(Filter) };

const NotificationConfiguration = z.object({
  CloudFunctionConfiguration: z.optional(z.array(z.object({ ...common, CloudFunction: z.string() }))),
  QueueConfiguration: z.optional(z.array(z.object({ ...common, Queue: z.string() }))),
  TopicConfiguration: z.optional(z.array(z.object({ ...common, Topic: z.string() }))),
});
type NotificationConfiguration = z.infer<typeof NotificationConfiguration>;
type Entry = z.infer<z.ZodMiniObject<typeof common>>;

/** Reads the configuration, naming the entries that came without an id, as S3 does. @throws MalformedXML */
export function parseNotifications(text: string): string {
  const parsed = parseXml(text, "NotificationConfiguration", container(NotificationConfiguration));
  const named = <T extends Entry>(entry: T): T => ({ ...entry, Id: entry.Id ?? randomUUID() });
  return JSON.stringify({
    CloudFunctionConfiguration: parsed.CloudFunctionConfiguration?.map(named),
    QueueConfiguration: parsed.QueueConfiguration?.map(named),
    TopicConfiguration: parsed.TopicConfiguration?.map(named),
  });
}

export function notificationsOf(database: Database, bucket: string): NotificationConfiguration {
  const document = bucketConfig(database, bucket, "notification");
  return document === undefined ? {} : NotificationConfiguration.parse(JSON.parse(document));
}

function matches(entry: Entry, name: S3EventName, key: string): boolean {
  const heard = entry.Event.some((pattern) => {
    const wanted = pattern.replace(/^s3:/, "");
    return wanted.endsWith("*") ? name.startsWith(wanted.slice(0, -1)) : wanted === name;
  });
  const rules = entry.Filter?.S3Key?.FilterRule ?? [];
  return (
    heard &&
    rules.every((rule) =>
      rule.Name.toLowerCase() === "prefix" ? key.startsWith(rule.Value) : key.endsWith(rule.Value),
    )
  );
}

export type Happening = {
  name: S3EventName;
  key: string;
  sizeBytes: number | null;
  etag: string | null;
  /** Null in a bucket that never had versioning. */
  version: string | null;
};

/** Records the event, to be sent once the transaction it happens in is committed.
 * Its configuration id is that of the first matching entry of the bucket's notifications, or "any". */
export function recordEvent(store: Store, exchange: Exchange, happening: Happening): void {
  const { bucket, requestId, signer, request } = exchange;
  const config = notificationsOf(store.database, bucket);
  const entries: Entry[] = [
    ...(config.CloudFunctionConfiguration ?? []),
    ...(config.QueueConfiguration ?? []),
    ...(config.TopicConfiguration ?? []),
  ];
  const entry = entries.find((candidate) => matches(candidate, happening.name, happening.key));
  store.outbox.record({
    ...happening,
    bucket,
    at: Date.now(),
    requestId,
    accessKeyId: signer?.accessKeyId ?? "",
    sourceIp: request.socket.remoteAddress ?? "",
    configurationId: entry?.Id ?? "any",
  });
}
