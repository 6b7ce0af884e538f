import type { Failure } from "@t2m/contract/jobs";
import type { Claim } from "./claim.ts";
import { type Ending, endStep } from "./complete.ts";

/**
 * The attempt failed. `retryable`: it may go well later, so the step is queued again, the first time at once, then
 * with growing pauses, until it was started three times; otherwise the step fails for good, and with it the job
 * unless the step is optional.
 */
export async function failStep(
  claim: Claim,
  failure: Failure,
  { retryable }: { retryable: boolean },
): Promise<Ending> {
  return await endStep(claim, { type: "failed", failure, retryable });
}
