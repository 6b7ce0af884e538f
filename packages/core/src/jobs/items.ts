import type { Failure, JobEvent, JobStatus, Output } from "@t2m/contract/jobs";
import type { ConversionRequest } from "@t2m/contract/presets";
import * as z from "zod/mini";

// Only the types of the contract: its presets would make the poll handler ten times as large.
const statuses = ["waiting", "queued", "running", "completed", "failed", "cancelled"] as const;
const JobStatusShape: z.ZodMiniType<JobStatus> = z.enum(statuses);

// Written by us and checked when it came in; read back as it is.
const written = <T>() => z.custom<T>((value) => typeof value === "object" && value !== null);

export const Lease = z.object({
  /** Only who holds it may renew, complete or fail the step. */
  token: z.string(),
  /** Epoch milliseconds; afterwards another may take the step over. */
  until: z.number(),
  /** Of this step, 0 to 100. */
  percent: z.number(),
  /** Percentage points of the whole job that this step is worth. */
  share: z.number(),
});
export type Lease = z.infer<typeof Lease>;

const owned = {
  pk: z.string(),
  sk: z.string(),
  userId: z.string(),
  jobId: z.string(),
  /** Epoch seconds: the table's TTL. */
  expiresAt: z.number(),
};

export const JobItem = z.object({
  ...owned,
  entity: z.literal("job"),
  /** Names the job's graph. */
  kind: z.string(),
  uploadId: z.string(),
  sourceName: z.string(),
  conversion: written<ConversionRequest>(),
  status: JobStatusShape,
  /** What the percentage never falls below: how far it was when a step was tried again. */
  percent: z.number(),
  /** Percentage points of the steps that are done. */
  doneShare: z.number(),
  /** Counts the job's events; every change of state adds at least one, so it guards against lost updates. */
  version: z.number(),
  cancelRequested: z.boolean(),
  /** Of the running steps, by step. */
  leases: z.record(z.string(), Lease),
  outputs: z.optional(z.array(written<Output>())),
  failure: z.optional(written<Failure>()),
  createdAt: z.string(),
  startedAt: z.optional(z.string()),
  finishedAt: z.optional(z.string()),
  dueShard: z.string(),
  /** Epoch seconds: when the sweep should look at it. */
  dueAt: z.number(),
});
export type JobItem = z.infer<typeof JobItem>;

export const stepStatuses = ["queued", "running", "completed", "failed", "cancelled"] as const;
export type StepStatus = (typeof stepStatuses)[number];

export const StepItem = z.object({
  ...owned,
  entity: z.literal("step"),
  step: z.string(),
  status: z.enum(stepStatuses),
  /** How often it was started; 0 before the first time. */
  attempt: z.number(),
  share: z.number(),
  /** The job goes on without it when it fails for good. */
  optional: z.boolean(),
  /** Of the newest attempt; tells a completer whose answer was lost that it did succeed. */
  token: z.optional(z.string()),
  /** Epoch milliseconds: not to be started before. */
  runAt: z.number(),
  /** Epoch milliseconds: when its order was last put; absent while the order is still to come. */
  orderedAt: z.optional(z.number()),
  input: z.optional(z.unknown()),
  result: z.optional(z.unknown()),
  outputs: z.optional(z.array(written<Output>())),
  failure: z.optional(written<Failure>()),
});
export type StepItem = z.infer<typeof StepItem>;

export const EventItem = z.object({
  ...owned,
  entity: z.literal("event"),
  sequence: z.number(),
  type: z.custom<JobEvent["type"]>((value) => typeof value === "string"),
  at: z.string(),
  status: JobStatusShape,
  step: z.optional(z.string()),
  attempt: z.optional(z.number()),
  failure: z.optional(written<Failure>()),
  outputs: z.optional(z.array(written<Output>())),
});
export type EventItem = z.infer<typeof EventItem>;

/** Names a job, and by its owner proves the right to it. */
export type JobKey = { userId: string; jobId: string };
