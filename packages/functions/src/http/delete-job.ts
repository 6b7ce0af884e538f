import { deleteJob as route } from "@t2m/contract/routes/jobs";
import { removeJob } from "@t2m/core/jobs/remove";
import { handle, reply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, params }) => {
  await removeJob({ userId, ...params });
  return reply(204);
});
