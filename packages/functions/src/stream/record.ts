import { releaseQuietly } from "@t2m/core/batches/release";
import { type Projection, project } from "@t2m/core/record/project";
import { streamRecordOf } from "@t2m/core/record/stream-record";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { telemetry } from "../adapter/telemetry.ts";

const { logger, publish } = telemetry("record");

/**
 * The live table's changes become rows, in the stream's order. At the first record that cannot be taken now, it and
 * all after it are given back: the stream waits while Postgres is away, and nothing overtakes.
 */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const counts: Record<Projection, number> = { recorded: 0, known: 0, skipped: 0, refused: 0 };
  let failed: DynamoDBRecord | undefined;
  for (const record of event.Records) {
    const outcome = await projected(record);
    if (outcome) counts[outcome]++;
    else failed = record;
    if (failed) break;
  }
  if (event.Records.some(hasEnded)) await makeUseOfRoom();
  const { recorded, known, refused } = counts;
  const recordsHeldUp = failed ? event.Records.length - event.Records.indexOf(failed) : 0;
  publish("recorded", { recorded, known, recordsRefused: refused, recordsHeldUp });
  return { batchItemFailures: failed ? [{ itemIdentifier: failed.dynamodb?.SequenceNumber ?? "" }] : [] };
}

async function projected(record: DynamoDBRecord): Promise<Projection | undefined> {
  const keys = record.dynamodb?.Keys;
  try {
    const outcome = await project(streamRecordOf(record));
    if (outcome === "refused") logger.error("a record was refused", { keys, eventId: record.eventID });
    return outcome;
  } catch (error) {
    logger.warn("a record has to wait", { keys, error: String(error) });
    return undefined;
  }
}

/** A job that ended left room for one that stands in line. */
function hasEnded({ dynamodb }: DynamoDBRecord): boolean {
  return dynamodb?.NewImage?.entity?.S === "job" && dynamodb.NewImage.finishedAt !== undefined;
}

/** Not what this function is for: where it fails, the schedule does it, and the stream goes on. */
async function makeUseOfRoom(): Promise<void> {
  try {
    await releaseQuietly();
  } catch (error) {
    logger.error("what stands in line could not be released", { error: String(error) });
  }
}
