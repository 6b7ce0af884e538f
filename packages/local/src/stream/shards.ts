import * as z from "zod/mini";
import { type Call, DynamodbError } from "../dynamodb/call.ts";
import { RawRecord } from "./record.ts";

const Shard = z.object({ ShardId: z.string(), ParentShardId: z.optional(z.string()) });
export type Shard = z.infer<typeof Shard>;

const Description = z.object({
  StreamDescription: z.object({
    Shards: z._default(z.array(Shard), []),
    LastEvaluatedShardId: z.optional(z.string()),
  }),
});
const Iterator = z.object({ ShardIterator: z.string() });
const Records = z.object({
  Records: z._default(z.array(RawRecord), []),
  NextShardIterator: z.nullish(z.string()),
});

/** Every shard of a stream, open and closed. */
export async function listShards(call: Call, streamArn: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let after: string | undefined;
  do {
    const input = { StreamArn: streamArn, ...(after ? { ExclusiveStartShardId: after } : {}) };
    const { StreamDescription } = await call("DescribeStream", input, Description);
    shards.push(...StreamDescription.Shards);
    after = StreamDescription.LastEvaluatedShardId;
  } while (after);
  return shards;
}

/** A place in a shard: after a record, or at the oldest one still kept. */
export async function iteratorAt(
  call: Call,
  streamArn: string,
  shardId: string,
  after: string | undefined,
): Promise<string> {
  const shard = { StreamArn: streamArn, ShardId: shardId };
  const oldest = { ...shard, ShardIteratorType: "TRIM_HORIZON" };
  if (!after) return (await call("GetShardIterator", oldest, Iterator)).ShardIterator;
  const next = { ...shard, ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: after };
  try {
    return (await call("GetShardIterator", next, Iterator)).ShardIterator;
  } catch (error) {
    // The stream has dropped what we have seen; what it still holds is all new to us.
    if (!(error instanceof DynamodbError && error.type === "TrimmedDataAccessException")) throw error;
    return (await call("GetShardIterator", oldest, Iterator)).ShardIterator;
  }
}

/** The records at a place, and the place after them; none where the shard has ended. */
export async function readRecords(
  call: Call,
  iterator: string,
  limit: number,
): Promise<{ records: RawRecord[]; next: string | undefined }> {
  const answer = await call("GetRecords", { ShardIterator: iterator, Limit: limit }, Records);
  return { records: answer.Records, next: answer.NextShardIterator ?? undefined };
}
