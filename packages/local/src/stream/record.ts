import * as z from "zod/mini";
import type { ExpiredItem } from "../dynamodb/expiry.ts";

const Image = z.record(z.string(), z.record(z.string(), z.unknown()));
const identity = { type: "Service", principalId: "dynamodb.amazonaws.com" } as const;

/** A record as DynamoDB's stream gives it. */
export const RawRecord = z.object({
  eventID: z.string(),
  eventName: z.enum(["INSERT", "MODIFY", "REMOVE"]),
  dynamodb: z.object({
    ApproximateCreationDateTime: z.number(),
    Keys: Image,
    NewImage: z.optional(Image),
    OldImage: z.optional(Image),
    SequenceNumber: z.string(),
    SizeBytes: z.optional(z.number()),
    StreamViewType: z.string(),
  }),
});
export type RawRecord = z.infer<typeof RawRecord>;

/** The same as a Lambda function is given it. */
export type StreamRecord = RawRecord & {
  eventVersion: "1.1";
  eventSource: "aws:dynamodb";
  awsRegion: string;
  eventSourceARN: string;
  userIdentity?: typeof identity;
};

export type RecordContext = {
  region: string;
  streamArn: string;
  hasExpired: (item: ExpiredItem) => boolean;
};

/** Names what DynamoDB Local leaves out or calls otherwise: region, stream, whole seconds, and who deleted. */
export function toStreamRecord(
  raw: RawRecord,
  { region, streamArn, hasExpired }: RecordContext,
): StreamRecord {
  const { eventID, eventName, dynamodb } = raw;
  const seconds = Math.floor(dynamodb.ApproximateCreationDateTime);
  const old = dynamodb.OldImage;
  const item = { pk: text(old, "pk"), sk: text(old, "sk"), expiresAt: Number(old?.expiresAt?.N) };
  return {
    eventID,
    eventName,
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: region,
    dynamodb: { ...dynamodb, ApproximateCreationDateTime: seconds },
    eventSourceARN: streamArn,
    ...(eventName === "REMOVE" && hasExpired(item) ? { userIdentity: identity } : {}),
  };
}

/** The kind of item a record is about. */
export function entityOf({ dynamodb }: RawRecord): string {
  return text(dynamodb.NewImage ?? dynamodb.OldImage, "entity");
}

function text(image: z.infer<typeof Image> | undefined, name: string): string {
  const value = image?.[name]?.S;
  return typeof value === "string" ? value : "";
}
