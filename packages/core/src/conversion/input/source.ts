import { setTimeout as wait } from "node:timers/promises";
import { ConversionError } from "../failure.ts";
import { countRead } from "./sweep.ts";

/** The file to convert, wherever it lies. */
export type ByteSource = {
  sizeBytes: number;
  /**
   * Hands over the bytes from `startByte` to `endByte`, both included, in order, as an S3 ranged GET does, and resolves
   * after the last. It should end at once when the signal aborts. A range that fails or ends early is asked for again
   * from where it stopped.
   */
  read(range: ByteRange, take: (chunk: Uint8Array) => void): Promise<void>;
};

export type ByteRange = { startByte: number; endByte: number; signal: AbortSignal };

export type RetryLimits = { attempts: number; firstDelayMilliseconds: number };
export const usualRetries: RetryLimits = { attempts: 6, firstDelayMilliseconds: 100 };

/**
 * Fills `target` with the source's bytes from `startByte`; `onBytes` is told how many are there so far.
 * Throws `storage.unavailable` when no attempt brings it further.
 */
export async function readInto(
  source: ByteSource,
  startByte: number,
  target: Uint8Array,
  options: { signal: AbortSignal; retries: RetryLimits; onBytes: (filledBytes: number) => void },
): Promise<void> {
  let filled = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      const range = { startByte: startByte + filled, endByte: startByte + target.length - 1 };
      await source.read({ ...range, signal: options.signal }, (chunk) => {
        const fitting = chunk.subarray(0, target.length - filled);
        target.set(fitting, filled);
        filled += fitting.length;
        countRead(chunk.length);
        if (fitting.length > 0) attempt = 1;
        options.onBytes(filled);
      });
      if (filled === target.length) return;
      throw new Error("the range ended early");
    } catch (error) {
      options.signal.throwIfAborted();
      if (filled === target.length) return;
      if (attempt >= options.retries.attempts) throw unavailable("The file could not be read", error);
      // Half of it is chance, so that the readers of one file do not come back in step.
      const delay = options.retries.firstDelayMilliseconds * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
      await wait(delay, undefined, { signal: options.signal });
    }
  }
}

export function unavailable(what: string, cause: unknown): ConversionError {
  return new ConversionError(
    "storage.unavailable",
    `${what}: the storage does not answer. Try again later.`,
    {
      cause,
    },
  );
}
