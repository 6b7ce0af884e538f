import type { Upload } from "@t2m/contract/uploads";
import { needUpload, presentUpload, type UploadKey } from "./item.ts";

/** How far an upload is: one strongly consistent read of one item. Throws `ApiError` not_found. */
export async function getUpload(key: UploadKey): Promise<Upload> {
  return presentUpload(await needUpload(key));
}
