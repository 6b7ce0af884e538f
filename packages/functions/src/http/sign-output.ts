import { signOutput as route } from "@t2m/contract/routes/jobs";
import { signOutput } from "@t2m/core/jobs/delivery";
import { handle, reply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, params, query }) => {
  const { jobId, name } = params;
  return reply(200, await signOutput({ userId, jobId }, { name, use: query.for }));
});
