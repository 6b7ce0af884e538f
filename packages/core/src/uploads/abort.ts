import { cancelQuietly } from "../jobs/cancel.ts";
import { uploadItemKey } from "../live/keys.ts";
import { ConditionFailed, deleteItem, updateItem } from "../live/table.ts";
import { abortMultipart } from "../storage/multipart.ts";
import { sourceOf } from "./held-parts.ts";
import { needUpload, type UploadKey, whileOpen } from "./item.ts";

/**
 * Gives an upload up, or deletes a completed one: its parts are freed at once, its object by the table's stream, and
 * its jobs that have not ended are cancelled. Throws `ApiError` not_found.
 */
export async function abortUpload(key: UploadKey): Promise<void> {
  const item = await needUpload(key);
  if (item.status !== "completed") {
    // From here on nobody completes it; who dies before the end is asked to abort again, or expires.
    await close(key);
    await abortMultipart(sourceOf(key), item.multipartId);
  }
  await Promise.all(item.jobIds.map((jobId) => cancelQuietly({ userId: key.userId, jobId })));
  await deleteItem(uploadItemKey(key.userId, key.uploadId));
}

async function close({ userId, uploadId }: UploadKey): Promise<void> {
  const change = {
    expression: "SET #status = :aborted",
    names: { "#status": "status" },
    values: { ":aborted": "aborted" },
  };
  try {
    await updateItem(uploadItemKey(userId, uploadId), change, whileOpen());
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // Completed or aborted by another request meanwhile: either way it goes.
    await needUpload({ userId, uploadId });
  }
}
