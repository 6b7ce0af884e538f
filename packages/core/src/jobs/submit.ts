import type { Job, NewJob } from "@t2m/contract/jobs";
import { config } from "../config.ts";
import { ApiError } from "../errors.ts";
import { madeBefore, rememberMade } from "../live/idempotency.ts";
import { ConditionFailed, transact } from "../live/table.ts";
import { needUpload } from "../uploads/item.ts";
import { keepUpload } from "../uploads/keep.ts";
import { newJob } from "./create.ts";
import { getJob } from "./get.ts";
import { putOrders } from "./orders.ts";

/**
 * Converts a completed upload once more: a queued job whose order is put. The same idempotency key and request
 * gives the job that was made the first time (`isNew` false).
 * Throws `ApiError`: not_found, upload.not_open, idempotency.mismatch.
 */
export async function submitJob(input: {
  userId: string;
  request: NewJob;
  idempotencyKey?: string | undefined;
}): Promise<{ job: Job; isNew: boolean }> {
  const { userId, request, idempotencyKey: key } = input;
  const repeatable = key ? { userId, key, operation: "createJob", body: request } : undefined;
  const known = repeatable && (await madeBefore(repeatable));
  if (known) return { job: await getJob({ userId, jobId: known }), isNew: false };

  const upload = await needUpload({ userId, uploadId: request.uploadId });
  if (upload.status !== "completed") throw notCompleted();
  const now = new Date();
  const expiresAt = Math.floor(now.getTime() / 1000) + config().retentionSeconds;
  const { conversion } = request;
  const { uploadId, name: sourceName } = upload;
  const made = newJob({ userId, uploadId, sourceName, conversion, status: "queued", expiresAt, now });
  const memory = repeatable ? [rememberMade(repeatable, made.job.id, expiresAt)] : [];
  try {
    await transact([keepUpload(upload, expiresAt), ...memory, ...made.writes]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // The same request was faster by a moment, or the upload has just been deleted.
    const other = repeatable && (await madeBefore(repeatable));
    if (other) return { job: await getJob({ userId, jobId: other }), isNew: false };
    await needUpload(upload);
    throw notCompleted();
  }
  await putOrders(made.steps);
  return { job: made.job, isNew: true };
}

function notCompleted(): ApiError {
  return new ApiError("upload.not_open", "The upload is not complete: convert it when all of it is here.");
}
