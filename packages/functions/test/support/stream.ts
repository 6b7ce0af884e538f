import { ConversionRequest } from "@t2m/contract/presets";
import { newJob } from "@t2m/core/jobs/create";
import type { JobItem } from "@t2m/core/jobs/items";
import { marshall } from "@t2m/core/live/attributes";
import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { v7 } from "uuid";

type Item = { pk: string; sk: string; entity: string };
type Change = { old?: Item; new?: Item };

let told = 0;

/** What Lambda is given of these changes of the live table. */
export function streamOf(changes: readonly Change[]): DynamoDBStreamEvent {
  return { Records: changes.map(recordOf) };
}

function recordOf({ old, new: image }: Change): DynamoDBRecord {
  told++;
  const { pk = "", sk = "" } = image ?? old ?? {};
  return {
    eventID: v7(),
    eventName: image ? (old ? "MODIFY" : "INSERT") : "REMOVE",
    dynamodb: {
      SequenceNumber: String(told),
      ApproximateCreationDateTime: Date.now() / 1000,
      Keys: marshall({ pk, sk }),
      ...(image && { NewImage: marshall(image) }),
      ...(old && { OldImage: marshall(old) }),
    } as NonNullable<DynamoDBRecord["dynamodb"]>,
  };
}

/** A job that is made, and the same when it has ended. */
export function jobOf(
  { userId }: { userId: string },
  { jobId, ...end }: Partial<JobItem> = {},
): { made: JobItem; event: Item; ended: JobItem } {
  const now = new Date();
  const { item, writes } = newJob({
    userId,
    ...(jobId !== undefined && { jobId }),
    uploadId: v7(),
    sourceName: "song.wav",
    conversion: ConversionRequest.parse({ preset: "mp3" }),
    status: "queued",
    expiresAt: Math.floor(now.getTime() / 1000) + 3_600,
    now,
  });
  const puts = writes.flatMap((write) => ("put" in write ? [write.put] : []));
  const event = puts.find(({ entity }) => entity === "event");
  if (!event) throw new Error("a new job tells of itself");
  const finishedAt = now.toISOString();
  const status = "completed" as const;
  const ended = { ...item, status, version: 5, startedAt: finishedAt, finishedAt, outputs: [output], ...end };
  return { made: item, event, ended };
}

const output = {
  name: "main.mp3",
  fileName: "song.mp3",
  role: "main" as const,
  contentType: "audio/mpeg",
  sizeBytes: 1_000,
  checksumCrc32: "AAAAAA==",
};
