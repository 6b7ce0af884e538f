import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod/mini";
import type { StreamRecord } from "./record.ts";

export type Invoke = (event: {
  Records: readonly StreamRecord[];
}) => Promise<{ payload: unknown; functionError?: string | undefined }>;

export type Delivery = {
  invoke: Invoke;
  /** How often a record that fails alone is tried again; -1: always. */
  retries: number;
  /** The pause before each further try; the last stands for all that follow. */
  retryDelaysMs: readonly number[];
  /** All up to this record are dealt with. */
  onProgress: (sequenceNumber: string) => void;
  onExhausted: (record: StreamRecord, invocations: number) => void;
  signal: AbortSignal;
};

const Reply = z.object({
  batchItemFailures: z.optional(z.nullable(z.array(z.object({ itemIdentifier: z.nullish(z.string()) })))),
});

/**
 * Brings a batch to its function as Lambda does with ReportBatchItemFailures and BisectBatchOnFunctionError: what
 * failed is sent again from the first failure on; a batch that fails whole is halved until the record that
 * cannot be processed stands alone; that one is tried again and then given up. Order is kept throughout.
 */
export async function deliver(records: readonly StreamRecord[], delivery: Delivery): Promise<void> {
  const pending = records.length > 0 ? [{ batch: records, failures: 0 }] : [];
  while (!delivery.signal.aborted) {
    const next = pending.shift();
    if (!next) return;
    const { batch, failures } = next;
    const done = await firstFailure(batch, delivery.invoke);
    if (delivery.signal.aborted && done < batch.length) return;
    const last = batch[done - 1];
    if (last) delivery.onProgress(last.dynamodb.SequenceNumber);
    const rest = batch.slice(done);
    const [first] = rest;
    if (!first) continue;

    if (done === 0 && rest.length > 1) {
      const middle = Math.ceil(rest.length / 2);
      const halves = [rest.slice(0, middle), rest.slice(middle)];
      pending.unshift(...halves.map((half) => ({ batch: half, failures: 0 })));
      continue;
    }
    const failed = done === 0 ? failures + 1 : 0;
    if (delivery.retries >= 0 && failed > delivery.retries) {
      delivery.onExhausted(first, failed);
      delivery.onProgress(first.dynamodb.SequenceNumber);
      continue;
    }
    pending.unshift({ batch: rest, failures: failed });
    const delays = delivery.retryDelaysMs;
    await pause(delays[Math.max(failed - 1, 0)] ?? delays.at(-1) ?? 0, delivery.signal);
  }
}

/** How many records from the start went well. */
async function firstFailure(batch: readonly StreamRecord[], invoke: Invoke): Promise<number> {
  const outcome = await invoke({ Records: batch }).catch(() => ({
    payload: null,
    functionError: "Unhandled",
  }));
  if (outcome.functionError) return 0;
  const reply = Reply.safeParse(outcome.payload);
  const failed = reply.success ? (reply.data.batchItemFailures ?? []) : [];
  if (failed.length === 0) return batch.length;
  const positions = failed.map(({ itemIdentifier }) =>
    batch.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier),
  );
  // Lambda takes an identifier that it does not know for a failure of the whole batch.
  return Math.max(0, Math.min(...positions));
}

/** Waits, but not beyond the end of everything. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
