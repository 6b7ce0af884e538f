import type { Failure, JobStatus, Output } from "@t2m/contract/jobs";
import type { JobItem, StepItem } from "./items.ts";

/** A step that a graph wants. */
export type StepPlan = {
  step: string;
  /** Percentage points of the whole job; those of all steps come to 100. */
  share: number;
  /** Handed to whoever runs the step. */
  input?: unknown;
  /** The job goes on without it when it fails for good. */
  optional?: boolean;
};

/**
 * What a kind of job consists of: the steps that may exist, given those that have ended. Pure; asked again
 * after every step, so it names earlier steps too (known ones are left alone), never waits and never forgets.
 */
export type Graph = (
  job: Pick<JobItem, "conversion">,
  ended: ReadonlyMap<string, Pick<StepItem, "status" | "result">>,
) => readonly StepPlan[];

/** By a job's `kind`. A short conversion is one step. */
export const graphs = new Map<string, Graph>([["conversion", () => [{ step: "convert", share: 100 }]]]);

/** So many steps, with the job and its events, fit one transaction; a wider graph adds them in waves. */
export const maximumStepsAtOnce = 90;

export type Advance = {
  status: JobStatus;
  stepsToAdd: readonly StepPlan[];
  outputs?: Output[];
  failure?: Failure;
};

type KnownStep = Pick<StepItem, "step" | "status" | "optional" | "result" | "outputs" | "failure">;

/**
 * What comes next for a job whose steps are as given: its status and the steps to add. Pure.
 * Throws `RangeError` where a graph wants more steps at once than a transaction holds.
 */
export function advance(
  job: Pick<JobItem, "kind" | "conversion" | "status" | "cancelRequested">,
  steps: readonly KnownStep[],
): Advance {
  const failed = steps.find((step) => step.status === "failed" && !step.optional);
  if (failed) return { status: "failed", stepsToAdd: [], ...(failed.failure && { failure: failed.failure }) };
  if (job.cancelRequested) return { status: afterCancel(job.status, steps), stepsToAdd: [] };

  const stepsToAdd = missingSteps(job, steps);
  if (stepsToAdd.length > 0) return { status: job.status === "waiting" ? "queued" : job.status, stepsToAdd };
  if (steps.some(isOpen)) return { status: job.status, stepsToAdd };
  return { status: "completed", stepsToAdd, outputs: steps.flatMap((step) => step.outputs ?? []) };
}

export function isOpen(step: Pick<StepItem, "status">): boolean {
  return step.status === "queued" || step.status === "running";
}

function afterCancel(status: JobStatus, steps: readonly KnownStep[]): JobStatus {
  return steps.some((step) => step.status === "running") ? status : "cancelled";
}

function missingSteps(job: Pick<JobItem, "kind" | "conversion">, steps: readonly KnownStep[]): StepPlan[] {
  const graph = graphs.get(job.kind);
  if (!graph) throw new RangeError(`no graph for jobs of kind ${job.kind}`);
  const known = new Set(steps.map((step) => step.step));
  const ended = new Map(steps.filter((step) => !isOpen(step)).map((step) => [step.step, step]));
  const missing = graph(job, ended).filter((plan) => !known.has(plan.step));
  if (missing.length > maximumStepsAtOnce) {
    throw new RangeError(
      `${job.kind} wants ${missing.length} steps at once, at most ${maximumStepsAtOnce} go`,
    );
  }
  return missing;
}
