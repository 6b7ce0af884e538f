import type { UserId } from "@t2m/contract/ids";
import { objectKey } from "@t2m/contract/keys";
import { partBytesFor, partCountFor } from "@t2m/contract/limits";
import type { CreatedUpload, NewUpload } from "@t2m/contract/new-upload";
import { v7 } from "uuid";
import { config } from "../config.ts";
import { isUnavailable } from "../errors.ts";
import { newJob } from "../jobs/create.ts";
import { getJob } from "../jobs/get.ts";
import { madeBefore, type Repeatable, rememberMade } from "../live/idempotency.ts";
import { dueShardOf, uploadItemKey } from "../live/keys.ts";
import { ConditionFailed, transact } from "../live/table.ts";
import type { ObjectRef } from "../storage/address.ts";
import { abortMultipart, createMultipart } from "../storage/multipart.ts";
import { needUpload, presentUpload, type UploadItem, uploadDueAt } from "./item.ts";
import { refuseOtherTypes, refuseOversize, storedType } from "./refusal.ts";

export type CreateUpload = { userId: UserId; request: NewUpload; idempotencyKey?: string | undefined };

/**
 * Begins an upload: S3's multipart upload, then the item, its waiting jobs and the memory of the idempotency key in
 * one transaction. The same key and request again gives what was made the first time (`isNew` false).
 * Throws `ApiError`: upload.type_unsupported, upload.too_large, idempotency.mismatch, service.unavailable.
 */
export async function createUpload(input: CreateUpload): Promise<{ created: CreatedUpload; isNew: boolean }> {
  const { userId, request, idempotencyKey } = input;
  refuseOversize(request.sizeBytes, config().maximumUploadBytes);
  refuseOtherTypes(request);
  if (!idempotencyKey) return { created: await begin(userId, request), isNew: true };

  const repeatable = { userId, key: idempotencyKey, operation: "createUpload", body: request };
  const known = await madeBefore(repeatable);
  if (known) return { created: await madeUpload(userId, known), isNew: false };
  try {
    return { created: await begin(userId, request, repeatable), isNew: true };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // The same request was faster by a moment.
    const other = await madeBefore(repeatable);
    if (!other) throw error;
    return { created: await madeUpload(userId, other), isNew: false };
  }
}

async function begin(userId: UserId, request: NewUpload, repeatable?: Repeatable): Promise<CreatedUpload> {
  const uploadId = v7();
  const source: ObjectRef = { bucket: "uploads", key: objectKey({ userId, uploadId }) };
  const multipartId = await createMultipart(source, {
    contentType: storedType(request.type),
    metadata: { name: request.name, upload: uploadId },
  });
  const now = new Date();
  const item = newUploadItem({ userId, uploadId, request, multipartId, now });
  const jobs = request.conversions.map((conversion) =>
    newJob({ ...item, sourceName: item.name, conversion, status: "waiting", now }),
  );
  const upload: UploadItem = { ...item, jobIds: jobs.map(({ job }) => job.id) };
  try {
    await transact([
      { put: upload },
      ...jobs.flatMap(({ writes }) => writes),
      ...(repeatable ? [rememberMade(repeatable, uploadId, item.expiresAt)] : []),
    ]);
  } catch (error) {
    // Without an answer the upload may be there all the same; if it is not, the sweep finds these parts.
    if (!isUnavailable(error)) await abortMultipart(source, multipartId);
    throw error;
  }
  return { upload: presentUpload(upload), jobs: jobs.map(({ job }) => job) };
}

type NewItem = { userId: UserId; uploadId: string; request: NewUpload; multipartId: string; now: Date };

function newUploadItem({ userId, uploadId, request, multipartId, now }: NewItem): UploadItem {
  const { name, sizeBytes } = request;
  const partBytes = partBytesFor(sizeBytes);
  const expiresAt = Math.floor(now.getTime() / 1000) + config().retentionSeconds;
  return {
    ...uploadItemKey(userId, uploadId),
    entity: "upload",
    userId,
    uploadId,
    name,
    type: storedType(request.type),
    sizeBytes,
    status: "open",
    partBytes,
    partCount: partCountFor(sizeBytes, partBytes),
    multipartId,
    jobIds: [],
    createdAt: now.toISOString(),
    expiresAt,
    dueShard: dueShardOf(uploadId),
    dueAt: uploadDueAt(expiresAt),
  };
}

/** As they are by now. Throws `ApiError` not_found where upload or job were deleted since. */
async function madeUpload(userId: UserId, uploadId: string): Promise<CreatedUpload> {
  const item = await needUpload({ userId, uploadId });
  const jobs = await Promise.all(item.jobIds.map((jobId) => getJob({ userId, jobId })));
  return { upload: presentUpload(item), jobs };
}
