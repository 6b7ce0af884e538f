import * as z from "zod/mini";
import { readJson, writeJson } from "../processes/json-file.ts";
import { DynamodbError, type DynamodbServer, dynamodbCalls } from "./call.ts";

/** Our stand-in for DynamoDB's expiry. */
export type Expiry = {
  /** Deletes every item that has expired by now and says how many they were. */
  expireNow: () => Promise<number>;
  /** Whether it was the expiry that deleted this item, as DynamoDB tells in a stream record's `userIdentity`. */
  hasExpired: (item: ExpiredItem) => boolean;
  stop: () => Promise<void>;
};

export type ExpiredItem = { pk: string; sk: string; expiresAt: number };

export type ExpiryOptions = {
  server: DynamodbServer;
  table: string;
  /** Where it remembers what it deleted, for stream records read after a restart. */
  statePath: string;
  /** How often it looks; where absent only when `expireNow` is called. */
  everySeconds?: number;
  log: (line: string) => void;
};

const Key = z.object({ pk: z.object({ S: z.string() }), sk: z.object({ S: z.string() }) });
const Expired = z.extend(Key, { expiresAt: z.object({ N: z.string() }) });
const ScanPage = z.object({ Items: z.array(Expired), LastEvaluatedKey: z.optional(Key) });
const Marks = z.record(z.string(), z.number());
/** A stream keeps its records for a day; marks older than that have no reader. */
const keptSeconds = 24 * 3600;

/**
 * Deletes expired items every few seconds. DynamoDB Local's own sweep slows down with the table and does not name
 * itself in the stream; this one marks what it is about to delete, so that the mapping can.
 */
export function startExpiry(options: ExpiryOptions): Expiry {
  const { everySeconds, log } = options;
  const sweeper = new Sweeper(options);
  let running: Promise<number> | undefined;
  const sweepOnce = () => {
    running ??= sweeper.sweep().finally(() => {
      running = undefined;
    });
    return running;
  };
  const sweepQuietly = () => {
    sweepOnce().catch((error: unknown) => log(`Expired items could not be deleted: ${String(error)}`));
  };
  const timer = everySeconds === undefined ? undefined : setInterval(sweepQuietly, everySeconds * 1000);
  return {
    expireNow: async () => {
      // One that is under way may have passed what has expired since.
      await running?.catch(() => 0);
      return sweepOnce();
    },
    hasExpired: (item) => sweeper.hasMarked(item),
    stop: async () => {
      clearInterval(timer);
      await running?.catch(() => 0);
    },
  };
}

class Sweeper {
  readonly #call: ReturnType<typeof dynamodbCalls>;
  readonly #table: string;
  readonly #statePath: string;
  /** What was deleted, and when in epoch seconds. */
  readonly #marks: Map<string, number>;

  constructor({ server, table, statePath }: ExpiryOptions) {
    this.#call = dynamodbCalls(server);
    this.#table = table;
    this.#statePath = statePath;
    const saved = Marks.safeParse(readJson(statePath));
    this.#marks = new Map(saved.success ? Object.entries(saved.data) : []);
  }

  hasMarked(item: ExpiredItem): boolean {
    return this.#marks.has(markOf(item));
  }

  /** Deletes what has expired and says how many items that were. */
  async sweep(): Promise<number> {
    let removed = 0;
    let from: z.infer<typeof Key> | undefined;
    do {
      const page = await this.#call("Scan", scanInput(this.#table, from), ScanPage);
      const items = page.Items.map(({ pk, sk, expiresAt }) => ({
        pk: pk.S,
        sk: sk.S,
        expiresAt: Number(expiresAt.N),
      }));
      if (items.length > 0) removed += await this.#removeAll(items);
      from = page.LastEvaluatedKey;
    } while (from);
    return removed;
  }

  async #removeAll(items: readonly ExpiredItem[]): Promise<number> {
    const nowSeconds = Math.floor(Date.now() / 1000);
    for (const [mark, at] of this.#marks) if (at < nowSeconds - keptSeconds) this.#marks.delete(mark);
    for (const item of items) this.#marks.set(markOf(item), nowSeconds);
    // Saved before the deletion: a record whose mark is lost would look like a user's own delete.
    writeJson(this.#statePath, Object.fromEntries(this.#marks));
    const removed = await Promise.all(items.map((item) => this.#remove(item, nowSeconds)));
    return removed.filter(Boolean).length;
  }

  async #remove(item: ExpiredItem, nowSeconds: number): Promise<boolean> {
    const input = {
      TableName: this.#table,
      Key: { pk: { S: item.pk }, sk: { S: item.sk } },
      ConditionExpression: "expiresAt = :at AND expiresAt <= :now",
      ExpressionAttributeValues: { ":at": { N: String(item.expiresAt) }, ":now": { N: String(nowSeconds) } },
    };
    try {
      await this.#call("DeleteItem", input, z.unknown());
      return true;
    } catch (error) {
      if (!(error instanceof DynamodbError && error.type === "ConditionalCheckFailedException")) throw error;
      this.#marks.delete(markOf(item));
      return false;
    }
  }
}

function markOf({ pk, sk, expiresAt }: ExpiredItem): string {
  return `${pk} ${sk} ${expiresAt}`;
}

function scanInput(table: string, from: z.infer<typeof Key> | undefined): Record<string, unknown> {
  return {
    TableName: table,
    ConsistentRead: true,
    FilterExpression: "attribute_type(expiresAt, :number) AND expiresAt <= :now",
    ProjectionExpression: "pk, sk, expiresAt",
    ExpressionAttributeValues: {
      ":number": { S: "N" },
      ":now": { N: String(Math.floor(Date.now() / 1000)) },
    },
    ...(from ? { ExclusiveStartKey: from } : {}),
  };
}
