import { config } from "../config.ts";
import { jobItemKey } from "../live/keys.ts";
import { ConditionFailed, updateItem } from "../live/table.ts";
import type { Claim } from "./claim.ts";
import { JobItem } from "./items.ts";

export type Heartbeat =
  /** `until` in epoch milliseconds; `runningSteps` of the job, this one among them. */
  | { type: "ok"; until: number; runningSteps: number }
  /** Somebody wants the job cancelled: stop, then fail the step, which ends the job as cancelled. */
  | { type: "cancelled" }
  /** Another has the step, or the job has ended or is gone: stop and write nothing more. */
  | { type: "lost" };

/**
 * One write on the job's item: renews the lease, says how far the step is (0 to 100, never less than before) and
 * learns whether to go on.
 * It touches neither the job's version nor any other step's lease.
 */
export async function renewLease(claim: Claim, percent: number): Promise<Heartbeat> {
  const until = Date.now() + config().leaseSeconds * 1000;
  const names = { "#leases": "leases", "#step": claim.step, "#until": "until", "#percent": "percent" };
  const update = {
    expression: "SET #leases.#step.#until = :until, #leases.#step.#percent = :percent",
    names,
    values: { ":until": until, ":percent": percent },
  };
  const mine = {
    expression: "#leases.#step.#token = :token",
    names: { "#token": "token" },
    values: { ":token": claim.token },
  };
  try {
    const item = await updateItem(jobItemKey(claim.userId, claim.jobId), update, mine, { repeatable: true });
    const { cancelRequested, leases } = JobItem.parse(item);
    if (cancelRequested) return { type: "cancelled" };
    return { type: "ok", until, runningSteps: Object.keys(leases).length };
  } catch (error) {
    if (error instanceof ConditionFailed) return { type: "lost" };
    throw error;
  }
}
