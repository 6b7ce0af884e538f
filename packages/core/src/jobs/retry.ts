/** A step is started at most this often. */
export const maximumAttempts = 3;

/**
 * Milliseconds to wait after attempt `attempt` (1 is the first) failed: none after the first, as most of what
 * fails once (a lost sandbox, a broken connection) works at once; then 30 s doubling, each with ±50 % jitter.
 */
export function retryDelayMs(attempt: number, random = Math.random()): number {
  if (attempt <= 1) return 0;
  return 15_000 * 2 ** (attempt - 1) * (0.5 + random);
}
