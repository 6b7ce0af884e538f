import { setTimeout as delay } from "node:timers/promises";

export type Call = (place: number) => Promise<void>;
export type Round = { times: number[]; errors: number };

/**
 * `count` callers, each about once a second whether or not the last call is back; nobody's clock is in step with
 * another's. Times in ms from when a call was due.
 */
export async function openLoop(count: number, forSeconds: number, call: Call): Promise<Round> {
  const started = performance.now();
  const times: number[] = [];
  let errors = 0;
  const calls = Array.from({ length: count * forSeconds }, async (_, index) => {
    const due = started + ((index + Math.random()) * 1000) / count;
    await delay(due - performance.now());
    try {
      await call(index % count);
      times.push(performance.now() - due);
    } catch {
      errors++;
    }
  });
  await Promise.all(calls);
  return { times, errors };
}
