/** How often and how patiently something is tried: at most `attempts` times, waits grow from `baseMs` to `capMs`. */
export type Patience = { attempts: number; baseMs: number; capMs: number };

// A server that asks for more than this is not worth waiting for inside one call.
const longestWishMs = 60_000;

/**
 * How long to wait before try `attempt` + 1 (they count from 1): full jitter, so that clients that failed
 * together do not come back together; never less than the server asked for.
 */
export function waitMs(patience: Patience, attempt: number, retryAfterSeconds = 0): number {
  const ceiling = Math.min(patience.capMs, patience.baseMs * 2 ** (attempt - 1));
  return Math.min(retryAfterSeconds * 1000, longestWishMs) + Math.random() * ceiling;
}

/** Resolves after `ms`; rejects with the signal's reason as soon as that is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
