import { orderKey } from "@t2m/contract/keys";
import { putObject } from "../storage/objects.ts";
import type { StepItem } from "./items.ts";

/**
 * Puts the work orders of steps that may run; each starts the function for its kind. A failure is not the
 * caller's: the step stays queued, and the sweep puts the order once it is overdue.
 */
export async function putOrders(steps: readonly StepItem[]): Promise<void> {
  await Promise.allSettled(steps.map(putOrder));
}

/** Putting an order again is harmless: whoever comes second finds nothing to claim. */
export async function putOrder({ userId, jobId, step, attempt }: StepItem): Promise<void> {
  const order = { userId, jobId, step, attempt: attempt + 1 };
  await putObject({
    bucket: "temp",
    key: orderKey(order),
    body: JSON.stringify(order),
    contentType: "application/json",
  });
}
