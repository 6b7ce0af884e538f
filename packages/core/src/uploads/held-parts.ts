import { objectKey } from "@t2m/contract/keys";
import { bytesOfPart } from "@t2m/contract/limits";
import { uploadItemKey } from "../live/keys.ts";
import { ConditionFailed, updateItem } from "../live/table.ts";
import type { ObjectRef } from "../storage/address.ts";
import type { HeldPart } from "../storage/multipart-lists.ts";
import { type UploadItem, type UploadKey, whileOpen } from "./item.ts";

export function sourceOf(key: UploadKey): ObjectRef {
  return { bucket: "uploads", key: objectKey(key) };
}

/** What S3 holds against what the upload is to be: the parts that are right, and what is wrong with each other. */
export function compareParts(item: UploadItem, held: readonly HeldPart[]) {
  const byNumber = new Map(held.map((part) => [part.partNumber, part]));
  const good: HeldPart[] = [];
  const problems: { partNumber: number; message: string }[] = [];
  for (let partNumber = 1; partNumber <= item.partCount; partNumber += 1) {
    const part = byNumber.get(partNumber);
    const planned = bytesOfPart(partNumber, item.sizeBytes, item.partBytes);
    if (part?.sizeBytes === planned) good.push(part);
    else if (!part) problems.push({ partNumber, message: "is missing" });
    else problems.push({ partNumber, message: `has ${part.sizeBytes} bytes instead of ${planned}` });
  }
  for (const { partNumber } of held) {
    if (partNumber > item.partCount) problems.push({ partNumber, message: "is not part of this upload" });
  }
  return { good, problems };
}

/** Makes the upload's parts those that S3 holds, so that its percentage is true after a resume. */
export async function correctParts(item: UploadItem, good: readonly HeldPart[]): Promise<void> {
  const numbers = new Set(good.map(({ partNumber }) => partNumber));
  const recorded = item.parts ?? new Set();
  if (numbers.size === recorded.size && good.every(({ partNumber }) => recorded.has(partNumber))) return;
  const change =
    numbers.size > 0
      ? { expression: "SET parts = :parts", values: { ":parts": numbers } }
      : { expression: "REMOVE parts" };
  try {
    await updateItem(uploadItemKey(item.userId, item.uploadId), change, whileOpen(), { repeatable: true });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error; // Completed or given up meanwhile.
  }
}
