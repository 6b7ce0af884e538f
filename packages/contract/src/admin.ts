import * as z from "zod/mini";
import { JobId, UserId } from "./ids.ts";
import { JobStatus } from "./job-status.ts";
import { Profile, Statistics } from "./people.ts";
import { Permission, Role } from "./permissions.ts";
import { Priority } from "./priority.ts";
import { Moment } from "./time.ts";

/** Somebody with how much they use. */
export const UserUsage = z.object({ profile: Profile, statistics: Statistics });
export type UserUsage = z.infer<typeof UserUsage>;

export const AccessChange = z.strictObject({ role: Role, permissions: z.array(Permission) });

export const Suspension = z.strictObject({ isSuspended: z.boolean() });

/** A job as support sees it: how it goes, and nothing of what it is about. */
export const SupportJob = z.object({
  id: JobId,
  userId: UserId,
  kind: z.string(),
  preset: z.optional(z.string()),
  priority: Priority,
  status: JobStatus,
  percent: z.number(),
  failureCode: z.optional(z.string()),
  createdAt: Moment,
  startedAt: z.optional(Moment),
  finishedAt: z.optional(Moment),
});
export type SupportJob = z.infer<typeof SupportJob>;

export const FailureCounts = z.object({
  items: z.array(z.object({ code: z.string(), jobs: z.int(), people: z.int(), lastAt: Moment })),
});
export type FailureCounts = z.infer<typeof FailureCounts>;

export const Throughput = z.object({
  /** One for each hour in which something was made or ended. */
  hours: z.array(
    z.object({
      startsAt: Moment,
      created: z.int(),
      completed: z.int(),
      failed: z.int(),
      cancelled: z.int(),
    }),
  ),
});
export type Throughput = z.infer<typeof Throughput>;

export const StorageUse = z.object({
  files: z.int(),
  sizeBytes: z.int(),
  kinds: z.array(z.object({ kind: z.string(), files: z.int(), sizeBytes: z.int() })),
  /** Who stores most. */
  people: z.array(z.object({ userId: UserId, files: z.int(), sizeBytes: z.int() })),
});
export type StorageUse = z.infer<typeof StorageUse>;

export const WholeQueue = z.object({
  queued: z.int(),
  paused: z.int(),
  running: z.int(),
  limits: z.object({ perUser: z.int(), all: z.int() }),
  oldestQueuedAt: z.optional(Moment),
  people: z.array(z.object({ userId: UserId, queued: z.int(), running: z.int() })),
});
export type WholeQueue = z.infer<typeof WholeQueue>;
