import { randomUUID } from "node:crypto";
import { dueShardOf, eventItemKey, uploadItemKey } from "@t2m/core/live/keys";
import {
  ConditionFailed,
  deleteItem,
  getItem,
  type Item,
  putItem,
  queryDue,
  queryItems,
  transact,
  updateItem,
} from "@t2m/core/live/table";
import { startServices } from "@t2m/local/testing";
import { beforeAll, expect, test } from "vitest";

beforeAll(() => startServices());

const soon = () => Math.floor(Date.now() / 1000) + 3600;
const past = () => Math.floor(Date.now() / 1000) - 1;

function someItem(extra: Record<string, unknown> = {}): Item {
  const key = uploadItemKey(randomUUID(), randomUUID());
  return { ...key, entity: "upload", expiresAt: soon(), ...extra };
}

test("an item comes back as it was written: number sets, lists, maps, absent fields", async () => {
  const item = someItem({
    parts: new Set([1, 10_000]),
    jobIds: ["a"],
    leases: { convert: { until: 1.5 } },
    no: undefined,
  });
  await putItem(item);
  const { no: _, ...expected } = item;
  expect(await getItem({ pk: item.pk, sk: item.sk })).toEqual(expected);
  expect(await getItem({ pk: item.pk, sk: "upload#other" })).toBeUndefined();
});

test("[C3.4] an expired item is not there, though DynamoDB still holds it", async () => {
  const userId = randomUUID();
  const items = [1, 2, 3, 4].map((number) => ({
    ...eventItemKey(userId, "job", number),
    entity: "event",
    expiresAt: number % 2 ? past() : soon(),
  }));
  for (const item of items) await putItem(item);
  expect(await getItem(eventItemKey(userId, "job", 1))).toBeUndefined();
  const { items: found } = await queryItems({ pk: `user#${userId}`, prefix: "event#job#", limit: 2 });
  expect(found.map(({ sk }) => sk)).toEqual([items[1]?.sk, items[3]?.sk]);
});

test("a failed condition writes nothing and says which write it was", async () => {
  const [there, absent] = [someItem({ version: 1 }), someItem()];
  await putItem(there);
  const isNew = { expression: "attribute_not_exists(pk)" };
  await expect(putItem({ ...there, version: 2 }, isNew)).rejects.toThrow(ConditionFailed);
  const wrong = { expression: "#v = :v", names: { "#v": "version" }, values: { ":v": 9 } };
  const update = { expression: "SET #v = :next", names: { "#v": "version" }, values: { ":next": 2 } };
  await expect(updateItem(there, update, wrong)).rejects.toThrow(ConditionFailed);
  await expect(deleteItem(there, wrong)).rejects.toThrow(ConditionFailed);
  const refused = transact([{ put: absent }, { update: there, with: update, condition: wrong }]);
  await expect(refused).rejects.toMatchObject({ failed: [1] });
  expect(await getItem(absent)).toBeUndefined();
  expect(await getItem(there)).toMatchObject({ version: 1 });
});

test("names and values of update and condition go together; the answer is the new item", async () => {
  const item = someItem({ status: "open" });
  await putItem(item);
  const updated = await updateItem(
    { pk: item.pk, sk: item.sk },
    { expression: "ADD parts :part", values: { ":part": new Set([3]) } },
    { expression: "#s = :open", names: { "#s": "status" }, values: { ":open": "open" } },
  );
  expect(updated).toEqual({ ...item, parts: new Set([3]) });
});

test("a transaction that meets another one is repeated until both are done", async () => {
  const item = someItem({ count: 0 });
  await putItem(item);
  const increment = { expression: "ADD #c :one", names: { "#c": "count" }, values: { ":one": 1 } };
  const other = () => ({ put: someItem() });
  await Promise.all(
    Array.from({ length: 8 }, () =>
      transact([{ update: { pk: item.pk, sk: item.sk }, with: increment }, other()]),
    ),
  );
  expect(await getItem(item)).toMatchObject({ count: 8 });
});

test("pages follow each other without gap or repeat, newest first or oldest first", async () => {
  const userId = randomUUID();
  const numbers = [1, 2, 3, 4, 5];
  for (const number of numbers) {
    await putItem({ ...eventItemKey(userId, "job", number), entity: "event", expiresAt: soon(), number });
  }
  const walk = async (newestFirst: boolean) => {
    const seen: unknown[] = [];
    for (let after: string | undefined, more = true; more; more = after !== undefined) {
      const query = { pk: `user#${userId}`, prefix: "event#job#", newestFirst, limit: 2 };
      const page = await queryItems(after === undefined ? query : { ...query, after });
      seen.push(...page.items.map(({ number }) => number));
      after = page.cursor;
    }
    return seen;
  };
  expect(await walk(false)).toEqual(numbers);
  expect(await walk(true)).toEqual(numbers.toReversed());
});

test("what is due is found by its shard", async () => {
  const id = randomUUID();
  const item = someItem({ dueShard: dueShardOf(id), dueAt: 1_000 });
  await putItem(item);
  await putItem(someItem({ dueShard: dueShardOf(id), dueAt: 3_000 }));
  const shard = Number(dueShardOf(id).slice(4));
  expect(await queryDue({ shard, beforeSeconds: 2_000, limit: 10 })).toEqual([{ pk: item.pk, sk: item.sk }]);
});

test.each([[Number.NaN], [new Set()], [new Set([1, "a"])], [new Date()], [() => 1], [1n]])(
  "what DynamoDB could not hold is an error before it is sent: %s",
  async (value) => {
    await expect(putItem(someItem({ nested: [value] }))).rejects.toThrow("nested[0] cannot be stored");
  },
);
