import { abortUpload as route } from "@t2m/contract/routes/uploads";
import { abortUpload } from "@t2m/core/uploads/abort";
import { handle, reply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, params }) => {
  await abortUpload({ userId, ...params });
  return reply(204);
});
