import { getUpload as route } from "@t2m/contract/routes/get-upload";
import { getUpload } from "@t2m/core/uploads/get";
import { handle, pollReply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, params }) => {
  const upload = await getUpload({ userId, ...params });
  return pollReply(upload, upload.status !== "open");
});
