import type { Output } from "@t2m/contract/jobs";
import { changeJob } from "./change.ts";
import type { Claim } from "./claim.ts";
import type { StepItem } from "./items.ts";
import { endAttempt, type Outcome, type State } from "./state.ts";

/**
 * What became of an attempt: `ended` as its holder said; `cancelled`, as the job is to be; `lost`: somebody else
 * has the step, or the job has ended; `gone`: there is no such job any more. Only `ended` and `cancelled` wrote.
 */
export type Ending = "ended" | "cancelled" | "lost" | "gone";

/** The step is done: its result, events and the steps that follow are one write, and only once. */
export async function completeStep(
  claim: Claim,
  { result, outputs }: { result?: unknown; outputs?: Output[] } = {},
): Promise<Ending> {
  return await endStep(claim, { type: "completed", result, ...(outputs && { outputs }) });
}

/** Ends the attempt that `claim` holds. A token that lost its lease is refused and changes nothing. */
export async function endStep(claim: Claim, outcome: Outcome): Promise<Ending> {
  const ending = await changeJob<Ending>(claim, (state, nowMs) => {
    const step = state.steps.find((one) => one.step === claim.step);
    if (step?.token !== claim.token) return { answer: "lost" };
    if (step.status !== "running") return { answer: endingOf(step, outcome) };
    if (!holdsLease(state, claim)) return { answer: "lost" };
    const answer = state.job.cancelRequested ? "cancelled" : "ended";
    return { change: endAttempt(state, step, outcome, nowMs), answer };
  });
  return ending ?? "gone";
}

/** The step carries our token but runs no more: we ended it and the answer was lost, or the sweep took it from us. */
function endingOf(step: StepItem, outcome: Outcome): Ending {
  if (step.status === outcome.type) return "ended";
  return step.status === "cancelled" ? "cancelled" : "lost";
}

function holdsLease({ job }: State, claim: Claim): boolean {
  return job.leases[claim.step]?.token === claim.token;
}
