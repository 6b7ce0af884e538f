import type { Upload } from "@t2m/contract/uploads";
import { notFound } from "../errors.ts";
import { ContentMismatch, completeMultipart, NotFound } from "../storage/multipart.ts";
import { type HeldPart, listParts } from "../storage/multipart-lists.ts";
import { headObject } from "../storage/objects.ts";
import { compareParts, correctParts, sourceOf } from "./held-parts.ts";
import { needUpload, presentUpload, type UploadItem, type UploadKey } from "./item.ts";
import { incomplete, notOpen } from "./refused.ts";
import { markStored } from "./stored.ts";

/**
 * Puts the parts together once S3 holds each with its planned size. Called again, also after dying half-way, it
 * gives the completed upload. Throws `ApiError`: not_found, upload.not_open, upload.incomplete with every problem.
 */
export async function completeUpload(key: UploadKey): Promise<Upload> {
  const item = await needUpload(key);
  if (item.status === "completed") return presentUpload(item);
  if (item.status === "aborted") throw notOpen();
  const etag = await join(item).catch((error: unknown) => {
    if (error instanceof NotFound) return joinedBefore(item);
    throw error;
  });
  const stored = await markStored({ ...key, sizeBytes: item.sizeBytes, etag });
  if (!stored) throw notFound("upload");
  return presentUpload(stored);
}

/** Gives the object's ETag. Throws `NotFound` where S3 has no such multipart upload (any more). */
async function join(item: UploadItem): Promise<string> {
  const source = sourceOf(item);
  const parts = await verifiedParts(item);
  try {
    return (await completeMultipart(source, item.multipartId, parts, { sizeBytes: item.sizeBytes })).etag;
  } catch (error) {
    if (!(error instanceof ContentMismatch)) throw error;
    // A part was sent again between our look and S3's.
    await verifiedParts(item);
    throw error;
  }
}

async function verifiedParts(item: UploadItem): Promise<HeldPart[]> {
  const held = await listParts(sourceOf(item), item.multipartId);
  const { good, problems } = compareParts(item, held);
  if (problems.length === 0) return good;
  await correctParts(item, good);
  throw incomplete(problems);
}

/** Another request, or ourselves before we died, may have joined the parts; then the object is there. */
async function joinedBefore(item: UploadItem): Promise<string> {
  const object = await headObject(sourceOf(item));
  if (object?.sizeBytes !== item.sizeBytes) throw notOpen();
  return object.etag;
}
