import type { UploadId, UserId } from "@t2m/contract/ids";
import { bytesOfPart } from "@t2m/contract/limits";
import type { Upload } from "@t2m/contract/uploads";
import * as z from "zod/mini";
import { notFound } from "../errors.ts";
import { uploadItemKey } from "../live/keys.ts";
import { type Expression, getItem } from "../live/table.ts";

/** Names an upload, and by its owner proves the right to it. */
export type UploadKey = { userId: UserId; uploadId: UploadId };

/** An upload in the live table. */
export const UploadItem = z.object({
  pk: z.string(),
  sk: z.string(),
  entity: z.literal("upload"),
  userId: z.string(),
  uploadId: z.string(),
  name: z.string(),
  type: z.string(),
  sizeBytes: z.number(),
  /** `aborted` is on its way out: its parts are being freed. */
  status: z.enum(["open", "completed", "aborted"]),
  partBytes: z.number(),
  partCount: z.number(),
  /** Numbers of the parts said to be stored; gone once all are joined. DynamoDB has no empty set. */
  parts: z.optional(z.custom<Set<number>>((value) => value instanceof Set)),
  /** S3's own id of the multipart upload. */
  multipartId: z.string(),
  jobIds: z.array(z.string()),
  createdAt: z.string(),
  completedAt: z.optional(z.string()),
  etag: z.optional(z.string()),
  expiresAt: z.number(),
  dueShard: z.string(),
  dueAt: z.number(),
});
export type UploadItem = z.infer<typeof UploadItem>;

/** How long after its end the sweep deletes what DynamoDB's TTL has not. */
const expiryPatienceSeconds = 3_600;

export function uploadDueAt(expiresAt: number): number {
  return expiresAt + expiryPatienceSeconds;
}

export async function findUpload({ userId, uploadId }: UploadKey): Promise<UploadItem | undefined> {
  const item = await getItem(uploadItemKey(userId, uploadId));
  return item && UploadItem.parse(item);
}

/** Throws `ApiError` not_found. */
export async function needUpload(key: UploadKey): Promise<UploadItem> {
  const item = await findUpload(key);
  if (!item) throw notFound("upload");
  return item;
}

/** The upload takes parts. An expired one is gone, whether or not DynamoDB has deleted it. */
export function whileOpen(): Expression {
  return {
    expression: "#status = :open AND expiresAt > :now",
    names: { "#status": "status" },
    values: { ":open": "open", ":now": Math.floor(Date.now() / 1000) },
  };
}

/** An upload as the API shows it. */
export function presentUpload(item: UploadItem): Upload {
  const isCompleted = item.status === "completed";
  const recorded = item.parts ?? new Set();
  const bytesCompleted = isCompleted ? item.sizeBytes : bytesOf(recorded, item);
  return {
    id: item.uploadId,
    name: item.name,
    type: item.type,
    sizeBytes: item.sizeBytes,
    status: item.status,
    partBytes: item.partBytes,
    partCount: item.partCount,
    partsCompleted: isCompleted ? item.partCount : recorded.size,
    bytesCompleted,
    percent: percentOf(bytesCompleted, item),
    jobIds: item.jobIds,
    createdAt: item.createdAt,
    ...(item.completedAt ? { completedAt: item.completedAt } : {}),
    expiresAt: new Date(item.expiresAt * 1000).toISOString(),
  };
}

type Plan = Pick<UploadItem, "sizeBytes" | "partBytes" | "partCount">;

/** All parts are alike but the last. */
function bytesOf(parts: ReadonlySet<number>, { sizeBytes, partBytes, partCount }: Plan): number {
  const missingOfLast = parts.has(partCount) ? partBytes - bytesOfPart(partCount, sizeBytes, partBytes) : 0;
  return parts.size * partBytes - missingOfLast;
}

/** In tenths. Only a completed upload is at 100: until then parts are the client's word. */
function percentOf(bytesCompleted: number, { status, sizeBytes }: UploadItem): number {
  if (status === "completed") return 100;
  return Math.min(99.9, Math.floor((bytesCompleted / sizeBytes) * 1000) / 10);
}
