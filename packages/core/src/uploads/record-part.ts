import type { Upload } from "@t2m/contract/uploads";
import { uploadItemKey } from "../live/keys.ts";
import { ConditionFailed, updateItem } from "../live/table.ts";
import { needUpload, presentUpload, UploadItem, type UploadKey, whileOpen } from "./item.ts";
import { notOpen, partUnknown } from "./refused.ts";

/**
 * Notes that a part is stored, for the percentage; said again it changes nothing. One conditional update. Whether
 * it is true is found out on completion. Throws `ApiError`: not_found, upload.not_open, upload.part_unknown.
 */
export async function recordPart(input: UploadKey & { partNumber: number }): Promise<Upload> {
  const { userId, uploadId, partNumber } = input;
  const open = whileOpen();
  const condition = {
    ...open,
    expression: `${open.expression} AND partCount >= :number`,
    values: { ...open.values, ":number": partNumber },
  };
  const add = { expression: "ADD parts :part", values: { ":part": new Set([partNumber]) } };
  try {
    const item = await updateItem(uploadItemKey(userId, uploadId), add, condition, { repeatable: true });
    return presentUpload(UploadItem.parse(item));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const { status, partCount } = await needUpload(input);
    throw status === "open" ? partUnknown([partNumber], partCount) : notOpen();
  }
}
