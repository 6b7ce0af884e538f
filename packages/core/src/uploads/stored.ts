import { config } from "../config.ts";
import { uploadItemKey } from "../live/keys.ts";
import { ConditionFailed, updateItem } from "../live/table.ts";
import { findUpload, UploadItem, type UploadKey, uploadDueAt, whileOpen } from "./item.ts";

/**
 * The whole file is in S3: the upload is completed and its time begins anew. Told by who completes it and by S3's
 * event, whoever comes first; a second time changes nothing. Gives the completed upload, or undefined where there is
 * none (any more).
 */
export async function markStored(
  file: UploadKey & { sizeBytes: number; etag: string },
): Promise<UploadItem | undefined> {
  const now = new Date();
  const expiresAt = Math.floor(now.getTime() / 1000) + config().retentionSeconds;
  const change = {
    expression:
      "SET #status = :completed, completedAt = :at, etag = :etag, expiresAt = :end, dueAt = :due REMOVE parts",
    names: { "#status": "status" },
    values: {
      ":completed": "completed",
      ":at": now.toISOString(),
      ":etag": file.etag,
      ":end": expiresAt,
      ":due": uploadDueAt(expiresAt),
    },
  };
  const open = whileOpen();
  const asPlanned = {
    ...open,
    expression: `${open.expression} AND sizeBytes = :size`,
    values: { ...open.values, ":size": file.sizeBytes },
  };
  try {
    return UploadItem.parse(await updateItem(uploadItemKey(file.userId, file.uploadId), change, asPlanned));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const item = await findUpload(file);
    return item?.status === "completed" ? item : undefined;
  }
}
