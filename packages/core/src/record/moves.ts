import type { JobStatus } from "@t2m/contract/jobs";
import { IllegalTransition, jobMoves } from "../jobs/transitions.ts";

/**
 * Whether a job may have come from one status to another, perhaps by steps that the stream did not tell. What has
 * ended never changes. The database holds the same rule (`jobs_moves`); a test compares them.
 */
export function mayHaveMoved(from: JobStatus, to: JobStatus): boolean {
  return reachable(from).has(to);
}

/** Throws `IllegalTransition`. */
export function assertMayHaveMoved(jobId: string, from: JobStatus, to: JobStatus): void {
  if (!mayHaveMoved(from, to)) throw new IllegalTransition(`job ${jobId} cannot go from ${from} to ${to}`);
}

/** An open job may also stay where it is: a step began, a cancel was asked for. */
function reachable(from: JobStatus): Set<JobStatus> {
  const found = new Set<JobStatus>(jobMoves[from].length > 0 ? [from] : []);
  for (const status of found) for (const next of jobMoves[status]) found.add(next);
  for (const next of jobMoves[from]) found.add(next);
  return found;
}
