import { UploadId, type UserId } from "@t2m/contract/ids";
import type { Page } from "@t2m/contract/page";
import type { Upload } from "@t2m/contract/uploads";
import { notACursor } from "../errors.ts";
import { partitionOf, uploadPrefix } from "../live/keys.ts";
import { queryItems } from "../live/table.ts";
import { presentUpload, UploadItem } from "./item.ts";

/** A page of somebody's uploads, newest first. Throws `ApiError` "request.invalid" for a cursor that is none. */
export async function listUploads(input: {
  userId: UserId;
  page: Page;
}): Promise<{ items: Upload[]; cursor?: string }> {
  const { limit, cursor } = input.page;
  if (cursor !== undefined && !UploadId.safeParse(cursor).success) throw notACursor();
  const found = await queryItems({
    pk: partitionOf(input.userId),
    prefix: uploadPrefix,
    newestFirst: true,
    limit,
    ...(cursor === undefined ? {} : { after: uploadPrefix + cursor }),
  });
  const items = found.items.map((item) => presentUpload(UploadItem.parse(item)));
  return found.cursor === undefined ? { items } : { items, cursor: found.cursor.slice(uploadPrefix.length) };
}
