import type { Job } from "@t2m/contract/jobs";
import type { ConversionRequest } from "@t2m/contract/presets";
import { v7 } from "uuid";
import { dueShardOf, jobItemKey } from "../live/keys.ts";
import type { Write } from "../live/table.ts";
import { eventItem } from "./change.ts";
import { jobDueAt } from "./due.ts";
import { advance } from "./graph.ts";
import type { JobItem, StepItem } from "./items.ts";
import { presentJob } from "./present.ts";
import { newSteps } from "./state.ts";

export type NewJobInput = {
  userId: string;
  /** Of a job that the record knows already; a new one where absent. */
  jobId?: string;
  uploadId: string;
  /** The upload's name, as its owner knows it. */
  sourceName: string;
  conversion: ConversionRequest;
  /** `waiting` for its upload, or `queued`: its first steps may run at once. */
  status: "waiting" | "queued";
  /** Epoch seconds. */
  expiresAt: number;
  now: Date;
};

/**
 * A job to be written with whatever makes it, in one transaction: the job, its first event and, when queued, its
 * first steps. Pure but for the new id. After the commit `putOrders(steps)` starts a queued one.
 */
export function newJob(input: NewJobInput): { item: JobItem; steps: StepItem[]; writes: Write[]; job: Job } {
  const { userId, jobId = v7(), uploadId, sourceName, conversion, status, expiresAt, now } = input;
  const draft: JobItem = {
    ...jobItemKey(userId, jobId),
    entity: "job",
    userId,
    jobId,
    kind: "conversion",
    uploadId,
    sourceName,
    conversion,
    status,
    percent: 0,
    doneShare: 0,
    version: 1,
    cancelRequested: false,
    leases: {},
    createdAt: now.toISOString(),
    expiresAt,
    dueShard: dueShardOf(jobId),
    dueAt: expiresAt,
  };
  const steps = status === "queued" ? newSteps(draft, advance(draft, []).stepsToAdd, now.getTime()) : [];
  const item = { ...draft, dueAt: jobDueAt(draft, steps, now.getTime()) };
  const puts = [item, ...steps, eventItem(item, { type: "job.created", status }, 1, now.getTime())];
  return { item, steps, writes: puts.map((put) => ({ put })), job: presentJob(item) };
}
