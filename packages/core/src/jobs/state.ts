import type { Failure, JobEvent, Output } from "@t2m/contract/jobs";
import { stepItemKey } from "../live/keys.ts";
import { advance, type StepPlan } from "./graph.ts";
import type { JobItem, StepItem } from "./items.ts";
import { jobPercent } from "./percent.ts";
import { maximumAttempts, retryDelayMs } from "./retry.ts";
import { hasEnded } from "./transitions.ts";

/** A job with all its steps, as read together. */
export type State = { job: JobItem; steps: readonly StepItem[] };

export type EventDraft = Pick<JobEvent, "type" | "status" | "step" | "attempt" | "failure" | "outputs">;

/** What a decision makes of a state: the job as it shall be, the steps that differ, and at least one event. */
export type Change = {
  job: JobItem;
  steps: readonly StepItem[];
  events: readonly EventDraft[];
  /** The orders of its steps are not put: who makes the change claims them straight away. */
  ordersHeld?: boolean;
};

export type Outcome =
  | { type: "completed"; result?: unknown; outputs?: Output[] }
  | { type: "failed"; failure: Failure; retryable: boolean };

/**
 * The running attempt of `step` has come to an end. Pure: says what becomes of step and job, and which steps
 * follow. A job that is to be cancelled takes no result any more: its step ends as cancelled.
 */
export function endAttempt(state: State, step: StepItem, outcome: Outcome, nowMs: number): Change {
  const { [step.step]: _, ...leases } = state.job.leases;
  const job: JobItem = { ...state.job, leases, percent: jobPercent(state.job) };
  const rest: State = { ...state, job };
  if (job.cancelRequested) return moveOn(rest, { ...step, status: "cancelled" }, "step.cancelled", nowMs);

  if (outcome.type === "completed") {
    const { outputs, result } = outcome;
    const done: StepItem = { ...step, status: "completed", result, ...(outputs && { outputs }) };
    return moveOn(withShare(rest, step), done, "step.completed", nowMs);
  }

  const { failure } = outcome;
  if (outcome.retryable && step.attempt < maximumAttempts) {
    const again = queuedAgain(step, failure, nowMs);
    return { job, steps: [again], events: [eventOf("step.retrying", job, again)] };
  }
  const failed: StepItem = { ...step, status: "failed", failure };
  return moveOn(step.optional ? withShare(rest, step) : rest, failed, "step.failed", nowMs);
}

/** Every step of a plan as an item that may run at once. */
export function newSteps(job: JobItem, plans: readonly StepPlan[], nowMs: number): StepItem[] {
  return plans.map(({ step, share, input, optional = false }) => ({
    ...stepItemKey(job.userId, job.jobId, step),
    entity: "step",
    userId: job.userId,
    jobId: job.jobId,
    expiresAt: job.expiresAt,
    step,
    status: "queued",
    attempt: 0,
    share,
    optional,
    runAt: nowMs,
    orderedAt: nowMs,
    ...(input !== undefined && { input }),
  }));
}

/** The job's end: nobody holds a lease of it any more, so whatever still runs finds out and stops. */
export function ended(job: JobItem, nowMs: number): JobItem {
  return { ...job, leases: {}, percent: jobPercent(job), finishedAt: new Date(nowMs).toISOString() };
}

function moveOn(state: State, changed: StepItem, event: EventDraft["type"], nowMs: number): Change {
  const steps = state.steps.map((step) => (step.step === changed.step ? changed : step));
  const { status, stepsToAdd, outputs, failure } = advance(state.job, steps);
  const job: JobItem = {
    ...(hasEnded(status) ? ended(state.job, nowMs) : state.job),
    status,
    ...(outputs && { outputs }),
    ...(failure && { failure }),
  };
  const events = [eventOf(event, state.job, changed), ...endEvents(job)];
  return { job, steps: [changed, ...newSteps(job, stepsToAdd, nowMs)], events };
}

function eventOf(
  type: EventDraft["type"],
  job: JobItem,
  { step, attempt, status, failure }: StepItem,
): EventDraft {
  const reason = status === "queued" || status === "failed" ? failure : undefined;
  return { type, status: job.status, step, attempt, ...(reason && { failure: reason }) };
}

/** The event that says how a job ended; none while it goes on. */
export function endEvents({ status, outputs, failure }: JobItem): EventDraft[] {
  if (status === "completed") return [{ type: "job.completed", status, ...(outputs && { outputs }) }];
  if (status === "failed") return [{ type: "job.failed", status, ...(failure && { failure }) }];
  if (status === "cancelled") return [{ type: "job.cancelled", status }];
  return [];
}

function withShare(state: State, step: StepItem): State {
  return { ...state, job: { ...state.job, doneShare: state.job.doneShare + step.share } };
}

/** Waiting makes it the sweep's business; what may run at once gets its order straight away. */
function queuedAgain(step: StepItem, failure: Failure, nowMs: number): StepItem {
  const { orderedAt: _, ...rest } = step;
  const delayMs = retryDelayMs(step.attempt);
  const order = delayMs === 0 ? { orderedAt: nowMs } : {};
  return { ...rest, status: "queued", failure, runAt: nowMs + delayMs, ...order };
}
