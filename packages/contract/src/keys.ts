import type { JobId, StepKey, UploadId, UserId } from "./ids.ts";

/** The five buckets of a stage, by what they hold; `videos` holds converted audio too. */
export const buckets = ["uploads", "videos", "code", "thumbnails", "temp"] as const;
export type Bucket = (typeof buckets)[number];

type Owned =
  | { userId: UserId; uploadId: UploadId }
  | { userId: UserId; jobId: JobId; kind: "outputs" | "thumbnails" | "code" | "videos"; name: string };

/** The S3 key of an object that belongs to somebody. Every such key is made here. */
export function objectKey(owned: Owned): string {
  // A job names the upload it is made of, too: what is more particular comes first.
  if ("jobId" in owned) return `${jobPrefix(owned.userId, owned.jobId)}${owned.kind}/${owned.name}`;
  return `${uploadPrefix(owned.userId, owned.uploadId)}source`;
}

/** Everything of one upload lies below its prefix, and everything of one job below its own. */
export function uploadPrefix(userId: UserId, uploadId: UploadId): string {
  return `users/${userId}/uploads/${uploadId}/`;
}

export function jobPrefix(userId: UserId, jobId: JobId): string {
  return `users/${userId}/jobs/${jobId}/`;
}

/** Everything of one person, in every bucket that holds what is somebody's. */
export function userPrefix(userId: UserId): string {
  return `users/${userId}/`;
}

/** In `temp`, whose objects live for days: a person's data as they asked for it. */
export function exportKey(userId: UserId, exportId: string): string {
  return `${userPrefix(userId)}exports/${exportId}.json`;
}

/** In `temp`; its creation starts the deletion of an account. */
export function accountOrderKey(userId: UserId): string {
  return `work/delete-account/${userPrefix(userId)}account.json`;
}

/** Whose account an order is to delete. The inverse of `accountOrderKey`. */
export function parseAccountOrderKey(key: string): UserId | undefined {
  return /^work\/delete-account\/users\/([0-9a-f-]{36})\/account\.json$/.exec(key)?.[1];
}

/** A work order's key; its creation in `temp` starts the function that does steps of this kind. */
export function orderKey(order: { userId: UserId; jobId: JobId; step: StepKey; attempt: number }): string {
  const kind = order.step.split(":")[0];
  return `work/${kind}/${jobPrefix(order.userId, order.jobId)}${order.step}/${order.attempt}.json`;
}

export type ParsedKey =
  | { type: "upload"; userId: UserId; uploadId: UploadId }
  | { type: "job"; userId: UserId; jobId: JobId }
  | { type: "order"; userId: UserId; jobId: JobId; step: StepKey };

/** Whose object a key names, or undefined where it is none of ours. The inverse of the functions above. */
export function parseKey(key: string): ParsedKey | undefined {
  const [first, userId, place, id] = key.replace(/^work\/[a-z-]+\//, "").split("/");
  if (first !== "users" || !userId || !id) return undefined;
  if (place === "uploads") return { type: "upload", userId, uploadId: id };
  if (place !== "jobs") return undefined;
  const step = /^work\/.*\/([^/]+)\/\d+\.json$/.exec(key)?.[1];
  return step ? { type: "order", userId, jobId: id, step } : { type: "job", userId, jobId: id };
}
