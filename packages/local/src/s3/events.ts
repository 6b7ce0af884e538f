import * as z from "zod/mini";
import { encodeKey, isoTime } from "./encoding.ts";

/** S3's event message, structure 2.1, as a Lambda function receives it. */
export type S3Event = { Records: S3EventRecord[] };

export type S3EventRecord = {
  eventVersion: "2.1";
  eventSource: "aws:s3";
  awsRegion: string;
  eventTime: string;
  eventName: S3EventName;
  userIdentity: { principalId: string };
  requestParameters: { sourceIPAddress: string };
  responseElements: { "x-amz-request-id": string; "x-amz-id-2": string };
  s3: {
    s3SchemaVersion: "1.0";
    configurationId: string;
    bucket: { name: string; ownerIdentity: { principalId: string }; arn: string };
    /** `key` is URL-encoded with plus for space; `size` and `eTag` are absent for removed objects. */
    object: { key: string; size?: number; eTag?: string; versionId?: string; sequencer: string };
  };
};

const EventName = z.enum([
  "ObjectCreated:Put",
  "ObjectCreated:Copy",
  "ObjectCreated:CompleteMultipartUpload",
  "ObjectRemoved:Delete",
  "ObjectRemoved:DeleteMarkerCreated",
]);
export type S3EventName = z.infer<typeof EventName>;

/** A row of the outbox. */
export const StoredEvent = z.object({
  id: z.number(),
  bucket: z.string(),
  key: z.string(),
  name: EventName,
  at: z.number(),
  sizeBytes: z.nullable(z.number()),
  etag: z.nullable(z.string()),
  version: z.nullable(z.string()),
  requestId: z.string(),
  accessKeyId: z.string(),
  sourceIp: z.string(),
  configurationId: z.string(),
});
export type StoredEvent = z.infer<typeof StoredEvent>;

export function eventMessage(event: StoredEvent, region: string): S3Event {
  const object: S3EventRecord["s3"]["object"] = {
    key: encodeKey(event.key).replaceAll("%20", "+"),
    // Ever growing, and as hex of one width it sorts as text, which is how receivers compare it.
    sequencer: event.id.toString(16).toUpperCase().padStart(18, "0"),
  };
  if (event.sizeBytes !== null) object.size = event.sizeBytes;
  if (event.etag !== null) object.eTag = event.etag;
  if (event.version !== null) object.versionId = event.version;
  const record: S3EventRecord = {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: region,
    eventTime: isoTime(event.at),
    eventName: event.name,
    userIdentity: { principalId: `AWS:${event.accessKeyId}` },
    requestParameters: { sourceIPAddress: event.sourceIp },
    responseElements: { "x-amz-request-id": event.requestId, "x-amz-id-2": event.requestId },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId: event.configurationId,
      bucket: {
        name: event.bucket,
        ownerIdentity: { principalId: "LOCAL" },
        arn: `arn:aws:s3:::${event.bucket}`,
      },
      object,
    },
  };
  return { Records: [record] };
}
