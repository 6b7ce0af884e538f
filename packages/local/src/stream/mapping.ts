import * as z from "zod/mini";
import { type Call, type DynamodbServer, dynamodbCalls } from "../dynamodb/call.ts";
import { readJson, writeJson } from "../processes/json-file.ts";
import { deliver, type Invoke, pause } from "./deliver.ts";
import { entityOf, type RawRecord, type RecordContext, type StreamRecord, toStreamRecord } from "./record.ts";
import { iteratorAt, listShards, readRecords } from "./shards.ts";

export type MappingOptions = {
  server: DynamodbServer;
  streamArn: string;
  /** The function's name, for logs and failure records. */
  name: string;
  invoke: Invoke;
  events: readonly string[];
  entities: readonly string[];
  batchSize: number;
  retries: number;
  retryDelaysMs?: readonly number[];
  hasExpired: RecordContext["hasExpired"];
  /** Where it remembers how far it is. */
  statePath: string;
  onFailure: (failure: StreamFailure) => void;
  log: (line: string) => void;
};

/** What Lambda sends to a stream's on-failure destination. */
export type StreamFailure = {
  version: "1.0";
  timestamp: string;
  requestContext: {
    functionName: string;
    condition: "RetryAttemptsExhausted";
    approximateInvokeCount: number;
  };
  DDBStreamBatchInfo: {
    shardId: string;
    startSequenceNumber: string;
    endSequenceNumber: string;
    batchSize: number;
    streamArn: string;
  };
  /** Lambda leaves the record in the stream; here it is kept with the failure, for the developer's eyes. */
  record: StreamRecord;
};

const Progress = z.object({
  streamArn: z.string(),
  /** The last record dealt with, by shard. */
  after: z.record(z.string(), z.string()),
  ended: z.array(z.string()),
});

const pollMs = 150;
const lookForShardsMs = 2_000;
const defaultRetryDelaysMs = [500, 1_000, 2_000, 4_000, 8_000];

/**
 * Reads a table's stream and brings its records to a function, in order within a shard and a shard's children
 * after it. Where it stands survives a restart; a record may come twice, none is left out.
 */
export class Mapping {
  readonly #options: MappingOptions;
  readonly #call: Call;
  readonly #progress: z.infer<typeof Progress>;
  readonly #readers = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #wakeUp = () => {};

  constructor(options: MappingOptions) {
    this.#options = options;
    this.#call = dynamodbCalls(options.server, "streams");
    const { streamArn } = options;
    const saved = Progress.safeParse(readJson(options.statePath));
    // A table made anew has another stream; places in its predecessor's mean nothing in it.
    const isOurs = saved.success && saved.data.streamArn === streamArn;
    this.#progress = isOurs ? saved.data : { streamArn, after: {}, ended: [] };
    this.#running = this.#run();
  }

  /** Ends after the records under way; those not dealt with come again at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#startReaders().catch((error: unknown) => this.#complain("cannot be read", error));
      const woken = new Promise<void>((resolve) => {
        this.#wakeUp = resolve;
      });
      await Promise.race([pause(lookForShardsMs, signal), woken]);
    }
    await Promise.all(this.#readers.values());
  }

  async #startReaders(): Promise<void> {
    const shards = await listShards(this.#call, this.#options.streamArn);
    const kept = new Set(shards.map(({ ShardId }) => ShardId));
    const progress = this.#progress;
    progress.ended = progress.ended.filter((shardId) => kept.has(shardId));
    for (const { ShardId, ParentShardId } of shards) {
      if (this.#readers.has(ShardId) || progress.ended.includes(ShardId)) continue;
      if (ParentShardId && kept.has(ParentShardId) && !progress.ended.includes(ParentShardId)) continue;
      const reader = this.#readShard(ShardId)
        // An expired place or a DynamoDB away for a while: the next look reads on from where it was.
        .catch((error: unknown) => this.#complain("is interrupted", error))
        .finally(() => this.#readers.delete(ShardId));
      this.#readers.set(ShardId, reader);
    }
  }

  async #readShard(shardId: string): Promise<void> {
    const { streamArn, batchSize } = this.#options;
    const { signal } = this.#stopping;
    let place: string | undefined = await iteratorAt(
      this.#call,
      streamArn,
      shardId,
      this.#progress.after[shardId],
    );
    while (place) {
      const { records, next }: Awaited<ReturnType<typeof readRecords>> = await readRecords(
        this.#call,
        place,
        batchSize,
      );
      await this.#deliver(shardId, records);
      if (signal.aborted) return;
      const last = records.at(-1);
      if (last) this.#advance(shardId, last.dynamodb.SequenceNumber);
      else if (next) await pause(pollMs, signal);
      place = next;
    }
    this.#progress.ended.push(shardId);
    delete this.#progress.after[shardId];
    this.#save();
    this.#wakeUp();
  }

  async #deliver(shardId: string, records: readonly RawRecord[]): Promise<void> {
    const { name, server, streamArn, events, entities, hasExpired, onFailure, ...options } = this.#options;
    const wanted = records.filter(
      (record) => events.includes(record.eventName) && entities.includes(entityOf(record)),
    );
    await deliver(
      wanted.map((record) => toStreamRecord(record, { region: server.region, streamArn, hasExpired })),
      {
        invoke: options.invoke,
        retries: options.retries,
        retryDelaysMs: options.retryDelaysMs ?? defaultRetryDelaysMs,
        onProgress: (sequenceNumber) => this.#advance(shardId, sequenceNumber),
        onExhausted: (record, count) => onFailure(failureOf(name, shardId, record, count)),
        signal: this.#stopping.signal,
      },
    );
  }

  #advance(shardId: string, sequenceNumber: string): void {
    this.#progress.after[shardId] = sequenceNumber;
    this.#save();
  }

  #save(): void {
    writeJson(this.#options.statePath, this.#progress);
  }

  #complain(what: string, error: unknown): void {
    if (!this.#stopping.signal.aborted) {
      this.#options.log(`The stream for ${this.#options.name} ${what}: ${String(error)}`);
    }
  }
}

function failureOf(name: string, shardId: string, record: StreamRecord, invocations: number): StreamFailure {
  const sequenceNumber = record.dynamodb.SequenceNumber;
  return {
    version: "1.0",
    timestamp: new Date().toISOString(),
    requestContext: {
      functionName: name,
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: invocations,
    },
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: sequenceNumber,
      endSequenceNumber: sequenceNumber,
      batchSize: 1,
      streamArn: record.eventSourceARN,
    },
    record,
  };
}
