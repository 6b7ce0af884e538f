import { cancelJob as route } from "@t2m/contract/routes/jobs";
import { cancelJob } from "@t2m/core/jobs/cancel";
import { handle, reply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, params }) =>
  reply(200, await cancelJob({ userId, ...params })),
);
