/** At most `count` at once: `take` waits for a free slot and answers with the function that frees it. */
export function createSlots(count: number) {
  const waiting: (() => void)[] = [];
  let free = count;
  return async function take(): Promise<() => void> {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = waiting.shift();
      if (next) next();
      else free++;
    };
  };
}

/** Runs `work` over `items` in order, at most `count` at once. The first failure stops the rest and is thrown. */
export async function forEachAtOnce<T>(
  items: Iterable<T>,
  count: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  async function worker() {
    while (!failed) {
      const { done, value } = iterator.next();
      if (done) return;
      try {
        await work(value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }
  const workers = Array.from({ length: count }, worker);
  // All are waited for, so that nothing of ours runs on after a failure was told.
  await Promise.allSettled(workers);
  await Promise.all(workers);
}
