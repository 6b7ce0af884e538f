import * as z from "zod/mini";
import type { ExpiredItem } from "../dynamodb/expiry.ts";

const Image = z.record(z.string(), z.record(z.string(), z.unknown()));
type Image = z.infer<typeof Image>;
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

/** Names what DynamoDB Local leaves out or calls otherwise: region, stream, whole seconds, empty maps, and who deleted. */
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
    dynamodb: {
      ...dynamodb,
      ApproximateCreationDateTime: seconds,
      ...(dynamodb.NewImage ? { NewImage: withEmptyMaps(dynamodb.NewImage) } : {}),
      ...(old ? { OldImage: withEmptyMaps(old) } : {}),
    },
    eventSourceARN: streamArn,
    ...(eventName === "REMOVE" && hasExpired(item) ? { userIdentity: identity } : {}),
  };
}

/** In its stream, and only there, DynamoDB Local tells `{"M":{}}` as `{}`. */
function withEmptyMaps(image: Image): Image {
  return Object.fromEntries(Object.entries(image).map(([name, attribute]) => [name, whole(attribute)]));
}

function whole(attribute: Record<string, unknown>): Record<string, unknown> {
  if (Object.keys(attribute).length === 0) return { M: {} };
  const map = Image.safeParse(attribute.M);
  if (map.success) return { M: withEmptyMaps(map.data) };
  const list = z.array(z.record(z.string(), z.unknown())).safeParse(attribute.L);
  return list.success ? { L: list.data.map(whole) } : attribute;
}

/** The kind of item a record is about. */
export function entityOf({ dynamodb }: RawRecord): string {
  return text(dynamodb.NewImage ?? dynamodb.OldImage, "entity");
}

function text(image: Image | undefined, name: string): string {
  const value = image?.[name]?.S;
  return typeof value === "string" ? value : "";
}
