import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks again and again until there is an answer that is not undefined or false.
 * @throws Error with `what` after `deadlineMs`
 */
export async function until<T>(
  what: string,
  deadlineMs: number,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (performance.now() > end) throw new Error(`${what} within ${deadlineMs} ms`);
    await sleep(20);
  }
}
