import { uploadItemKey } from "../live/keys.ts";
import type { Write } from "../live/table.ts";
import { type UploadItem, uploadDueAt } from "./item.ts";

/**
 * Keeps a completed upload at least until `expiresAt` (epoch seconds): it must not go before a job that reads it. To be
 * in the transaction that makes the job; its condition fails where the upload has been deleted meanwhile.
 */
export function keepUpload(upload: UploadItem, expiresAt: number): Write {
  const end = Math.max(upload.expiresAt, expiresAt);
  return {
    update: uploadItemKey(upload.userId, upload.uploadId),
    with: {
      expression: "SET expiresAt = :end, dueAt = :due",
      values: { ":end": end, ":due": uploadDueAt(end) },
    },
    condition: {
      expression: "#status = :completed",
      names: { "#status": "status" },
      values: { ":completed": "completed" },
    },
  };
}
