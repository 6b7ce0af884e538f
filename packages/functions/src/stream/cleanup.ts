import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { noCounts } from "@t2m/core/cleanup/counts";
import { cleanUpRemoved } from "@t2m/core/cleanup/removed-item";
import type { Attributes } from "@t2m/core/live/attributes";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { telemetry } from "../adapter/telemetry.ts";

const processor = new BatchProcessor(EventType.DynamoDBStreams);
const { logger, publish } = telemetry("cleanup");

/**
 * Uploads and jobs that were deleted, by the table's TTL or by their owner: everything they had goes too. Records
 * that fail are named in the answer; the stream gives them again, and at last to the on-failure queue.
 */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const counts = noCounts();
  let failed = 0;
  const clean = async (record: DynamoDBRecord) => {
    try {
      await cleanUpRemoved((record.dynamodb?.OldImage ?? {}) as Attributes, counts);
    } catch (error) {
      failed++;
      logger.error("cleanup failed", { keys: record.dynamodb?.Keys, error: String(error) });
      throw error;
    }
  };
  const answer = await processPartialResponse(event, clean, processor, { throwOnFullBatchFailure: false });
  publish("cleaned up", { ...counts, recordsCleaned: event.Records.length - failed, recordsFailed: failed });
  return answer;
}
