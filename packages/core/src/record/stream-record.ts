import { type Attributes, unmarshall } from "../live/attributes.ts";

/** A change of one live item, as the table's stream tells it. */
export type StreamRecord = {
  /** The stream's own id of it; the same each time it is given. */
  eventId: string;
  change: "INSERT" | "MODIFY" | "REMOVE";
  newImage: Record<string, unknown> | undefined;
  oldImage: Record<string, unknown> | undefined;
  /** To the second. */
  at: Date;
  /** DynamoDB's TTL did it, nobody's wish. */
  isByExpiry: boolean;
  /** Why its images cannot be read, where they cannot. */
  fault?: string;
  /** As it came, for a person to look at where it cannot be used. */
  raw: unknown;
};

/** What Lambda is given of a record, as far as we read it. */
export type LambdaRecord = {
  eventID?: string | undefined;
  eventName?: "INSERT" | "MODIFY" | "REMOVE" | undefined;
  dynamodb?:
    | {
        ApproximateCreationDateTime?: number | undefined;
        NewImage?: unknown;
        OldImage?: unknown;
      }
    | undefined;
  userIdentity?: unknown;
};

export function streamRecordOf(record: LambdaRecord): StreamRecord {
  const { eventID = "", eventName = "MODIFY", dynamodb = {}, userIdentity } = record;
  return {
    eventId: eventID,
    change: eventName,
    ...imagesOf(dynamodb),
    at: new Date((dynamodb.ApproximateCreationDateTime ?? 0) * 1000),
    isByExpiry: isDynamodb(userIdentity),
    raw: record,
  };
}

function imagesOf({ NewImage, OldImage }: NonNullable<LambdaRecord["dynamodb"]>) {
  try {
    return { newImage: imageOf(NewImage), oldImage: imageOf(OldImage) };
  } catch (error) {
    return { newImage: undefined, oldImage: undefined, fault: String(error) };
  }
}

function imageOf(image: unknown): Record<string, unknown> | undefined {
  return image === undefined ? undefined : unmarshall(image as Attributes);
}

/** `principalId` names the service itself where TTL deleted. */
function isDynamodb(identity: unknown): boolean {
  return (
    typeof identity === "object" &&
    identity !== null &&
    "principalId" in identity &&
    identity.principalId === "dynamodb.amazonaws.com"
  );
}
