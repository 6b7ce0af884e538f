import { randomUUID } from "node:crypto";
import { config } from "../config.ts";
import { changeJob, type Decision } from "./change.ts";
import type { JobItem, JobKey, StepItem } from "./items.ts";
import { jobPercent } from "./percent.ts";
import { maximumAttempts } from "./retry.ts";
import { endAttempt, type Outcome, type State } from "./state.ts";
import { hasEnded } from "./transitions.ts";

/** The right to run a step, until the lease ends: what `renewLease`, `completeStep` and `failStep` want to see. */
export type Claim = {
  userId: string;
  jobId: string;
  step: string;
  token: string;
  /** 1 for the first. */
  attempt: number;
  /** Epoch milliseconds. */
  until: number;
  job: JobItem;
  input: unknown;
};

/** Clocks of two machines differ a little; an order must not be in vain because it came early by that. */
const clockToleranceMs = 1000;

/**
 * Takes a step for `T2M_LEASE_SECONDS`, if it is queued or its lease has run out. A step that was started too often
 * fails instead. Gives undefined when there is nothing to do: a second delivery, a job that ended or is gone.
 */
export async function claimStep(key: JobKey & { step: string }): Promise<Claim | undefined> {
  const token = randomUUID();
  return await changeJob(key, (state, nowMs) => decideClaim(state, key.step, token, nowMs));
}

export function decideClaim(
  { job, steps }: State,
  stepKey: string,
  token: string,
  nowMs: number,
): Decision<Claim | undefined> {
  const step = steps.find((one) => one.step === stepKey);
  if (!step || hasEnded(job.status)) return { answer: undefined };
  // The answer to our own claim was lost on the way.
  if (step.token === token) return { answer: claimOf(job, step, token) };
  if (job.cancelRequested || !isClaimable(job, step, nowMs)) return { answer: undefined };
  if (step.attempt >= maximumAttempts) {
    return { change: endAttempt({ job, steps }, step, exhausted(step), nowMs), answer: undefined };
  }

  const running: StepItem = { ...step, status: "running", attempt: step.attempt + 1, token };
  const lease = { token, until: nowMs + config().leaseSeconds * 1000, percent: 0, share: step.share };
  const started: JobItem = {
    ...job,
    status: "running",
    percent: jobPercent(job),
    leases: { ...job.leases, [stepKey]: lease },
    startedAt: job.startedAt ?? new Date(nowMs).toISOString(),
  };
  const event = {
    type: "step.started",
    status: started.status,
    step: stepKey,
    attempt: running.attempt,
  } as const;
  return {
    change: { job: started, steps: [running], events: [event] },
    answer: claimOf(started, running, token),
  };
}

/** The end of a step that was started as often as it may be, and broke off each time. */
export function exhausted({ failure }: StepItem): Outcome {
  const message = `It was started ${maximumAttempts} times and broke off each time. Try again later.`;
  const log = failure?.log ?? failure?.message;
  return {
    type: "failed",
    failure: { code: "step.attempts_exhausted", message, ...(log && { log }) },
    retryable: false,
  };
}

function isClaimable(job: JobItem, step: StepItem, nowMs: number): boolean {
  if (step.status === "queued") return step.runAt <= nowMs + clockToleranceMs;
  if (step.status !== "running") return false;
  return (job.leases[step.step]?.until ?? 0) <= nowMs;
}

function claimOf(job: JobItem, step: StepItem, token: string): Claim {
  return {
    userId: job.userId,
    jobId: job.jobId,
    step: step.step,
    token,
    attempt: step.attempt,
    until: job.leases[step.step]?.until ?? 0,
    job,
    input: step.input,
  };
}
