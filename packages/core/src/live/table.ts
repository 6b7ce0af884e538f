import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { AwsError } from "../aws/call.ts";
import { type DynamoOperation, dynamo } from "../aws/dynamodb.ts";
import { config } from "../config.ts";
import { unavailable } from "../errors.ts";
import { type Attributes, marshall, unmarshall } from "./attributes.ts";
import { dueShards, type Key } from "./keys.ts";

export type { Key } from "./keys.ts";

/** Anything in the live table. `expiresAt` in epoch seconds is its TTL; DynamoDB deletes late, reads do not. */
export type Item = Key & { entity: string; expiresAt: number } & Record<string, unknown>;

/** A DynamoDB expression: `names` for `#name`, `values` for `:value`, both with their mark. */
export type Expression = {
  expression: string;
  names?: Record<string, string>;
  values?: Record<string, unknown>;
};

export type Write =
  | { put: Item; condition?: Expression }
  | { update: Key; with: Expression; condition?: Expression }
  | { delete: Key; condition?: Expression }
  | { check: Key; condition: Expression };

/** A condition did not hold, so nothing was written. `failed`: which writes, by their place in the list. */
export class ConditionFailed extends Error {
  override readonly name = "ConditionFailed";
  readonly failed: number[];

  constructor(failed: number[]) {
    super(`condition not met: write ${failed.join(", ")}`);
    this.failed = failed;
  }
}

/** Strongly consistent. An expired item is not there. */
export async function getItem(key: Key): Promise<Item | undefined> {
  const input = { TableName: config().liveTable, Key: marshalledKey(key), ConsistentRead: true };
  const { Item: found } = (await dynamo("GetItem", input, true)) as { Item?: Attributes };
  const item = found && itemFrom(found);
  return item && isLive(item) ? item : undefined;
}

/** Throws `ConditionFailed`. */
export async function putItem(item: Item, condition?: Expression): Promise<void> {
  await write("PutItem", { Item: marshall(item), ...conditional(condition) }, !condition);
}

/**
 * Gives the item as it is afterwards. `repeatable`: the update has the effect of once if done twice, so that it
 * may be tried again after an unclear failure. Throws `ConditionFailed`.
 */
export async function updateItem(
  key: Key,
  update: Expression,
  condition?: Expression,
  { repeatable = false } = {},
): Promise<Item> {
  const input = { Key: marshalledKey(key), ReturnValues: "ALL_NEW", ...updating(update, condition) };
  const { Attributes: found } = (await write("UpdateItem", input, repeatable)) as { Attributes: Attributes };
  return itemFrom(found);
}

/** Deleting what is not there is no error. Throws `ConditionFailed`. */
export async function deleteItem(key: Key, condition?: Expression): Promise<void> {
  await write("DeleteItem", { Key: marshalledKey(key), ...conditional(condition) }, !condition);
}

/**
 * A page of the items below `prefix`, in order of `sk`; strongly consistent, expired ones left out.
 * `after`: an `sk` with that prefix, exclusive. `cursor`, to be given as `after`, is there when more may follow.
 */
export async function queryItems(query: {
  pk: string;
  prefix: string;
  after?: string;
  newestFirst?: boolean;
  limit: number;
}): Promise<{ items: Item[]; cursor?: string }> {
  const { pk, prefix, newestFirst = false, limit } = query;
  const items: Item[] = [];
  let after = query.after;
  do {
    const input = {
      TableName: config().liveTable,
      ConsistentRead: true,
      ScanIndexForward: !newestFirst,
      Limit: limit - items.length,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: marshall({ ":pk": pk, ":prefix": prefix }),
      ...(after === undefined ? {} : { ExclusiveStartKey: marshall({ pk, sk: after }) }),
    };
    const page = (await dynamo("Query", input, true)) as QueryAnswer;
    items.push(...page.Items.map(itemFrom).filter(isLive));
    after = page.LastEvaluatedKey && keyFrom(page.LastEvaluatedKey).sk;
  } while (after !== undefined && items.length < limit);
  return after === undefined ? { items } : { items, cursor: after };
}

/** Keys whose `dueAt` (epoch seconds) is before `beforeSeconds`, longest due first; from an index, so a little late. */
export async function queryDue(due: { shard: number; beforeSeconds: number; limit: number }): Promise<Key[]> {
  const input = {
    TableName: config().liveTable,
    IndexName: "due",
    Limit: due.limit,
    KeyConditionExpression: "dueShard = :shard AND dueAt < :before",
    ExpressionAttributeValues: marshall({
      ":shard": `due#${due.shard % dueShards}`,
      ":before": due.beforeSeconds,
    }),
  };
  const page = (await dynamo("Query", input, true)) as QueryAnswer;
  return page.Items.map(keyFrom);
}

const conflictPausesMs = [25, 50, 100, 200, 400, 800];

/**
 * All writes or none, at most 100. Throws `ConditionFailed`. A conflict with another transaction is tried again;
 * a repeated request is recognized by its token, so that an unclear failure is safe to repeat too.
 */
export async function transact(writes: readonly Write[]): Promise<void> {
  const items = writes.map(transactItem);
  for (const pauseMs of [...conflictPausesMs, undefined]) {
    const cause = await transactOnce(items);
    if (!cause) return;
    if (pauseMs === undefined) throw unavailable("live table", cause);
    await delay(Math.random() * pauseMs);
  }
}

/** Gives the error where another transaction was in the way. */
async function transactOnce(items: readonly object[]): Promise<AwsError | undefined> {
  try {
    await dynamo("TransactWriteItems", { ClientRequestToken: randomUUID(), TransactItems: items }, true);
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === "TransactionInProgressException") return error;
    if (error.code !== "TransactionCanceledException") throw error;
    const { CancellationReasons: reasons } = JSON.parse(error.body) as CancelledAnswer;
    const failed = reasons.flatMap(({ Code }, place) => (Code === "ConditionalCheckFailed" ? [place] : []));
    if (failed.length > 0) throw new ConditionFailed(failed);
    if (reasons.some(({ Code }) => Code === "ValidationError" || Code === "ItemCollectionSizeLimitExceeded"))
      throw error;
    return error;
  }
}

function transactItem(write: Write): object {
  const table = { TableName: config().liveTable };
  if ("put" in write)
    return { Put: { ...table, Item: marshall(write.put), ...conditional(write.condition) } };
  if ("update" in write) {
    return {
      Update: { ...table, Key: marshalledKey(write.update), ...updating(write.with, write.condition) },
    };
  }
  if ("delete" in write)
    return { Delete: { ...table, Key: marshalledKey(write.delete), ...conditional(write.condition) } };
  return { ConditionCheck: { ...table, Key: marshalledKey(write.check), ...conditional(write.condition) } };
}

async function write(operation: DynamoOperation, input: object, repeatable: boolean): Promise<unknown> {
  try {
    return await dynamo(operation, { TableName: config().liveTable, ...input }, repeatable);
  } catch (error) {
    if (error instanceof AwsError && error.code === "ConditionalCheckFailedException")
      throw new ConditionFailed([0]);
    throw error;
  }
}

function updating(update: Expression, condition: Expression | undefined): object {
  return { UpdateExpression: update.expression, ...conditional(condition, update) };
}

/** The condition, with the names and values of both expressions, which DynamoDB takes together. */
function conditional(condition: Expression | undefined, update?: Expression): object {
  const names = { ...update?.names, ...condition?.names };
  const values = { ...update?.values, ...condition?.values };
  return {
    ...(condition ? { ConditionExpression: condition.expression } : {}),
    ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: marshall(values) } : {}),
  };
}

type QueryAnswer = { Items: Attributes[]; LastEvaluatedKey?: Attributes };
type CancelledAnswer = { CancellationReasons: { Code: string }[] };

/** A whole item serves as its key, too. */
function marshalledKey({ pk, sk }: Key) {
  return marshall({ pk, sk });
}

/** What we wrote ourselves; its writer's types hold. */
function itemFrom(attributes: Attributes): Item {
  return unmarshall(attributes) as Item;
}

function keyFrom(attributes: Attributes): Key {
  const { pk, sk } = itemFrom(attributes);
  return { pk, sk };
}

function isLive(item: Item): boolean {
  return item.expiresAt > Date.now() / 1000;
}
