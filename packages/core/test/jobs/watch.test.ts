import { completeStep } from "@t2m/core/jobs/complete";
import { graphs } from "@t2m/core/jobs/graph";
import { renewLease } from "@t2m/core/jobs/heartbeat";
import type { JobKey } from "@t2m/core/jobs/items";
import { removeJob } from "@t2m/core/jobs/remove";
import { type JobUpdate, watchJob } from "@t2m/core/jobs/watch";
import { afterAll, expect, test } from "vitest";
import { artificialGraph } from "./artificial-graph.ts";
import { claimed, givenJob, historyOf, jobOf, useParts } from "./support.ts";

useParts();
graphs.set("artificial", artificialGraph);
afterAll(() => void graphs.delete("artificial"));

const forever = new AbortController().signal;
const watch = async (key: JobKey, after = 0, signal = forever) =>
  watchJob(await jobOf(key), { after, signal });
const sequencesIn = (updates: readonly JobUpdate[]) =>
  updates.flatMap((update) => (update.type === "event" ? [update.event.sequence] : []));

async function live(key: JobKey): Promise<void> {
  await completeStep(await claimed(key, "probe"), { result: { segments: 8 } });
  for (let index = 0; index < 8; index++) {
    const claim = await claimed(key, `segment:${index}`);
    await renewLease(claim, 50);
    await completeStep(claim);
  }
  for (const step of ["poster", "join"]) await completeStep(await claimed(key, step));
}

test("[A2.3] however often a stream breaks, the events of its pieces are every event once and in order", async () => {
  const key = await givenJob("queued", { kind: "artificial" });
  const living = live(key);
  const seen: number[] = [];
  let hasEnded = false;
  while (!hasEnded) {
    // Broken by the listener, at another place each time.
    let budget = 1 + (seen.length % 4);
    hasEnded = true;
    for await (const update of await watch(key, seen.at(-1) ?? 0)) {
      if (update.type === "event") seen.push(update.event.sequence);
      if (update.type === "event" && --budget === 0) {
        hasEnded = update.event.type === "job.completed";
        break;
      }
    }
  }
  await living;
  const history = await historyOf(key);
  expect(history.at(-1)).toBe("job.completed");
  expect(seen).toEqual(history.map((_, index) => index + 1));
});

test("one that watches from the start sees the same, and percentages that never fall", async () => {
  const key = await givenJob("queued", { kind: "artificial" });
  const [updates] = await Promise.all([Array.fromAsync(await watch(key)), live(key)]);
  expect(sequencesIn(updates)).toEqual((await historyOf(key)).map((_, index) => index + 1));
  const percents = updates.flatMap((update) => (update.type === "progress" ? [update.progress.percent] : []));
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect(percents.at(-1)).toBe(100);
  expect(sequencesIn(await Array.fromAsync(await watch(key, 9999)))).toHaveLength(
    updates.length - percents.length,
  );
});

test("watching ends with the job: at once where it has ended, and when it is deleted or nobody listens", async () => {
  const key = await givenJob("waiting");
  const leaving = new AbortController();
  const left = Array.fromAsync(await watch(key, 0, leaving.signal));
  const updates = Array.fromAsync(await watch(key));
  leaving.abort();
  expect(await left).toHaveLength(2);
  await removeJob(key);
  expect(await updates).toHaveLength(2);
});
