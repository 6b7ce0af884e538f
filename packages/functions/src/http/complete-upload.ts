import { completeUpload as route } from "@t2m/contract/routes/uploads";
import { completeUpload } from "@t2m/core/uploads/complete";
import { handle, reply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, params }) =>
  reply(200, await completeUpload({ userId, ...params })),
);
