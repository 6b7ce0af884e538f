import type { JobId, StepKey, UploadId, UserId } from "@t2m/contract/ids";

export type Key = { pk: string; sk: string };

/** Keys of the live table (docs/decisions/001-live-table.md). The owner is in each: a foreign id finds nothing. */
export const uploadItemKey = (userId: UserId, uploadId: UploadId): Key =>
  owned(userId, uploadPrefix + uploadId);
export const jobItemKey = (userId: UserId, jobId: JobId): Key => owned(userId, jobPrefix + jobId);
export const stepItemKey = (userId: UserId, jobId: JobId, step: StepKey): Key =>
  owned(userId, stepPrefix(jobId) + step);
export const eventItemKey = (userId: UserId, jobId: JobId, sequence: number): Key =>
  owned(userId, eventPrefix(jobId) + String(sequence).padStart(10, "0"));
export const idempotencyItemKey = (userId: UserId, key: string): Key => owned(userId, `idempotency#${key}`);

/** What the sort keys of one kind of item begin with. */
export const uploadPrefix = "upload#";
export const jobPrefix = "job#";
export const stepPrefix = (jobId: JobId) => `step#${jobId}#`;
export const eventPrefix = (jobId: JobId) => `event#${jobId}#`;

export const partitionOf = (userId: UserId) => `user#${userId}`;

export const dueShards = 8;

/** One of `due#0`…`due#7`, always the same for an id: eight partitions share the index's writes. */
export function dueShardOf(id: string): string {
  // The last digits of a UUIDv7 are random, its first are the time.
  return `due#${Number.parseInt(id.slice(-4), 16) % dueShards}`;
}

function owned(userId: UserId, sk: string): Key {
  return { pk: partitionOf(userId), sk };
}
