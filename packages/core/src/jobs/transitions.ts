import type { JobStatus } from "@t2m/contract/jobs";
import type { StepStatus } from "./items.ts";

/** From which state a job may move to which. What has ended stays as it is. */
export const jobMoves: Record<JobStatus, readonly JobStatus[]> = {
  waiting: ["queued", "cancelled", "failed"],
  queued: ["running", "cancelled", "failed"],
  // Running to running: another step began or ended, or a cancel was asked for.
  running: ["running", "completed", "failed", "cancelled"],
  completed: [],
  failed: [],
  cancelled: [],
};

/** As `jobMoves`, for a step. A step that runs may begin again: its lease ran out and another took it over. */
export const stepMoves: Record<StepStatus, readonly StepStatus[]> = {
  queued: ["running", "failed", "cancelled"],
  running: ["running", "queued", "completed", "failed", "cancelled"],
  completed: [],
  failed: [],
  cancelled: [],
};

export class IllegalTransition extends Error {
  override readonly name = "IllegalTransition";
}

/** Throws `IllegalTransition`. */
export function assertJobMove(from: JobStatus, to: JobStatus): void {
  if (!jobMoves[from].includes(to)) throw new IllegalTransition(`a job cannot go from ${from} to ${to}`);
}

/** Throws `IllegalTransition`. */
export function assertStepMove(from: StepStatus, to: StepStatus): void {
  if (!stepMoves[from].includes(to)) throw new IllegalTransition(`a step cannot go from ${from} to ${to}`);
}

export function hasEnded(status: JobStatus): boolean {
  return jobMoves[status].length === 0;
}
