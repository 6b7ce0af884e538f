import { setTimeout as wait } from "node:timers/promises";
import type { InvokeResult } from "./pool.ts";

/** What Lambda sends to an on-failure destination when an asynchronous invocation has failed for good. */
export type FailureRecord = {
  version: "1.0";
  timestamp: string;
  requestContext: {
    requestId: string;
    functionArn: string;
    condition: "RetriesExhausted";
    approximateInvokeCount: number;
  };
  requestPayload: unknown;
  responseContext: { statusCode: 200; executedVersion: "$LATEST"; functionError: "Unhandled" };
  responsePayload: unknown;
};

/**
 * Runs an asynchronous invocation to its end: the first attempt, one more after each delay, then the failure record.
 * Rejects where it was given up before (the pool stopped, or the record could not be left), so that the event's sender
 * keeps it.
 */
export async function runAsynchronously(
  event: unknown,
  options: {
    requestId: string;
    functionArn: string;
    retryDelaysMs: readonly number[];
    stopped: AbortSignal;
    attempt(): Promise<InvokeResult>;
    onFailure(record: FailureRecord): void | Promise<void>;
  },
): Promise<void> {
  let result = await options.attempt();
  let attempts = 1;
  for (const delayMs of options.retryDelaysMs) {
    if (!result.functionError) return;
    await wait(delayMs, undefined, { signal: options.stopped });
    result = await options.attempt();
    attempts += 1;
  }
  if (!result.functionError) return;
  await options.onFailure({
    version: "1.0",
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: options.requestId,
      functionArn: `${options.functionArn}:$LATEST`,
      condition: "RetriesExhausted",
      approximateInvokeCount: attempts,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: result.functionError },
    responsePayload: result.payload,
  });
}
