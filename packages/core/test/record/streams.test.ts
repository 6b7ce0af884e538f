import { marshall } from "@t2m/core/live/attributes";
import { checksums } from "@t2m/core/record/checksum";
import { project } from "@t2m/core/record/project";
import { rebuild } from "@t2m/core/record/rebuild";
import type { StreamRecord } from "@t2m/core/record/stream-record";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Act, acts, type Chain, type History, historyOf } from "./history.ts";
import { empty, useDatabase } from "./support.ts";

const database = useDatabase();
const userId = "0195e7a0-0000-5000-8000-000000000001";

const life: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(...acts) },
    // Mostly a job goes its way.
    { weight: 2, arbitrary: fc.constantFrom<Act>("queue", "claim", "beat", "complete") },
  ),
  { maxLength: 9 },
);
const lives = fc.array(fc.tuple(life, fc.constantFrom("kept", "expired", "deleted")), {
  minLength: 1,
  maxLength: 3,
});

function historiesOf(all: readonly (readonly [Act[], string])[]): History[] {
  return all.map(([acts, end], index) =>
    historyOf(acts, { userId, end: end as "kept", startMs: 1_790_000_000_000 + index * 3_600_000 }),
  );
}

const inOrder = (histories: readonly History[]) => histories.flatMap(({ chains }) => chains.flat());

async function take(records: readonly StreamRecord[]): Promise<void> {
  for (const record of records) expect(await project(record)).not.toBe("refused");
}

/** The rows that the stream makes when all goes well. */
async function rowsOf(records: readonly StreamRecord[]) {
  await empty(database.sql);
  await take(records);
  return await checksums();
}

/** All chains' records in some order that keeps each chain's own: what a stream guarantees. */
function shuffled(chains: readonly Chain[], choose: () => number): StreamRecord[] {
  const left = chains.filter((chain) => chain.length > 0).map((chain) => [...chain]);
  const told: StreamRecord[] = [];
  while (left.length > 0) {
    const place = Math.floor(choose() * left.length);
    const [record] = left[place]?.splice(0, 1) ?? [];
    if (record) told.push(record);
    if (left[place]?.length === 0) left.splice(place, 1);
  }
  return told;
}

/** What was told, broken off now and then and told again from somewhere before, to the end. */
function replayed(told: readonly StreamRecord[], cuts: readonly [number, number][]): StreamRecord[] {
  const heard = cuts.flatMap(([from, length]) => {
    const start = Math.floor(from * told.length);
    return told.slice(start, start + Math.ceil(length * (told.length - start)));
  });
  return [...heard, ...told];
}

const choice = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }));
const cut = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

async function always(property: fc.IAsyncProperty<unknown[]>): Promise<void> {
  const seed = Date.now() | 0;
  console.log(`seed ${seed}`);
  await fc.assert(property as fc.IAsyncProperty<unknown>, { seed, numRuns: 8 });
}

test("[V2.3] [A4.1] a stream shuffled within its guarantees, doubled, cut and told again makes the very same rows", async () => {
  await always(
    fc.asyncProperty(lives, choice, fc.array(cut, { maxLength: 3 }), async (all, choices, cuts) => {
      const histories = historiesOf(all);
      const wanted = await rowsOf(inOrder(histories));
      const told = shuffled(
        histories.flatMap(({ chains }) => chains),
        () => choices.next().value ?? 0,
      );

      await empty(database.sql);
      await take(replayed(told, cuts));

      expect(await checksums()).toEqual(wanted);
      expect(await database.sql`select * from early_events`).toEqual([]);
    }) as fc.IAsyncProperty<unknown[]>,
  );
}, 60_000);

test("[V2.3] records lost on the way change nothing in a job once its newest one is heard", async () => {
  await always(
    fc.asyncProperty(lives, choice, async (all, choices) => {
      const histories = historiesOf(all);
      const wanted = await rowsOf(inOrder(histories));
      const kept = (chain: Chain) => {
        const newest = chain.findLastIndex(isNews);
        return chain.filter((_, place) => place >= newest || (choices.next().value ?? 0) < 0.5);
      };

      await empty(database.sql);
      await take(histories.flatMap(({ chains }) => chains.flatMap(kept)));

      const [job, , files, usage] = await checksums();
      expect([job, files, usage]).toEqual([wanted[0], wanted[2], wanted[3]]);
    }) as fc.IAsyncProperty<unknown[]>,
  );
}, 60_000);

test("[V2.3] [A4.1] a rebuild from the table's items makes the rows that the stream made, in any order, and again changes nothing", async () => {
  await always(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 3 }), choice, async (all, choices) => {
      const histories = historiesOf(all.map((acts) => [acts, "kept"] as const));
      const wanted = await rowsOf(inOrder(histories));
      const items = histories
        .flatMap((history) => history.items)
        .map((item) => ({ item: marshall(item), place: choices.next().value ?? 0 }))
        .sort((a, b) => a.place - b.place)
        .map(({ item }) => item);

      await empty(database.sql);
      await rebuild(given(items));
      expect(await checksums()).toEqual(wanted);
      expect(await rebuild(given(items), { isWhole: true })).toMatchObject({ recorded: 0, missing: 0 });
      expect(await checksums()).toEqual(wanted);
    }) as fc.IAsyncProperty<unknown[]>,
  );
}, 60_000);

/** A heartbeat says nothing new. */
function isNews({ change, newImage, oldImage }: StreamRecord): boolean {
  return change !== "MODIFY" || newImage?.version === undefined || newImage.version !== oldImage?.version;
}

async function* given<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
