import { config } from "../config.ts";
import { findUpload, type UploadKey } from "../uploads/item.ts";
import { changeJob } from "./change.ts";
import { advance } from "./graph.ts";
import type { JobKey } from "./items.ts";
import { newSteps, type State } from "./state.ts";
import { hasEnded } from "./transitions.ts";

/**
 * An upload is complete: its waiting jobs are queued. The order of the first is not put, the others' are: the
 * caller is a converter already and claims the first step itself. Said again it changes nothing.
 * @returns the upload's jobs that have not ended, in their order
 */
export async function queueUploadedJobs({ userId, uploadId }: UploadKey): Promise<JobKey[]> {
  const upload = await findUpload({ userId, uploadId });
  if (upload?.status !== "completed") return [];
  const keys = upload.jobIds.map((jobId) => ({ userId, jobId }));
  const open = await Promise.all(keys.map((key, index) => queueJob(key, { ordersHeld: index === 0 })));
  return keys.filter((_, index) => open[index]);
}

/** Waiting → queued, with its first steps. Gives whether the job is one that has not ended. */
export async function queueJob(key: JobKey, { ordersHeld = false } = {}): Promise<boolean> {
  const open = await changeJob(key, (state, nowMs) => {
    if (state.job.status !== "waiting") return { answer: !hasEnded(state.job.status) };
    return { change: { ...queued(state.job, nowMs), ordersHeld }, answer: true };
  });
  return open ?? false;
}

/** The time that the upload took is not taken off the outputs' life: it begins anew. */
function queued(waiting: State["job"], nowMs: number) {
  const { status, stepsToAdd } = advance(waiting, []);
  const expiresAt = Math.max(waiting.expiresAt, Math.floor(nowMs / 1000) + config().retentionSeconds);
  const job = { ...waiting, status, expiresAt };
  return { job, steps: newSteps(job, stepsToAdd, nowMs), events: [{ type: "job.queued", status }] as const };
}
