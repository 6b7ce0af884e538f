import * as z from "zod/mini";
import { uploadItemKey } from "../live/keys.ts";
import { getItem } from "../live/table.ts";
import { changeJob } from "./change.ts";
import { advance } from "./graph.ts";
import type { JobKey } from "./items.ts";
import { newSteps, type State } from "./state.ts";
import { hasEnded } from "./transitions.ts";

const UploadWithJobs = z.object({ status: z.string(), jobIds: z.array(z.string()) });

/**
 * An upload is complete: its waiting jobs are queued. The order of the first is not put, the others' are: the
 * caller is a converter already and claims the first step itself. Said again it changes nothing.
 * @returns the upload's jobs that have not ended, in their order
 */
export async function queueUploadedJobs(upload: { userId: string; uploadId: string }): Promise<JobKey[]> {
  const { userId, uploadId } = upload;
  const item = await getItem(uploadItemKey(userId, uploadId));
  if (!item) return [];
  const { status, jobIds } = UploadWithJobs.parse(item);
  if (status !== "completed") return [];
  const keys = jobIds.map((jobId) => ({ userId, jobId }));
  const open = await Promise.all(keys.map((key, index) => queueJob(key, { ordersHeld: index === 0 })));
  return keys.filter((_, index) => open[index]);
}

/** Waiting → queued, with its first steps. Gives whether the job is one that has not ended. */
export async function queueJob(key: JobKey, { ordersHeld = false } = {}): Promise<boolean> {
  const open = await changeJob(key, (state, nowMs) => {
    if (state.job.status !== "waiting") return { answer: !hasEnded(state.job.status) };
    return { change: { ...queued(state, nowMs), ordersHeld }, answer: true };
  });
  return open ?? false;
}

function queued({ job }: State, nowMs: number) {
  const { status, stepsToAdd } = advance(job, []);
  const steps = newSteps(job, stepsToAdd, nowMs);
  return { job: { ...job, status }, steps, events: [{ type: "job.queued", status }] as const };
}
