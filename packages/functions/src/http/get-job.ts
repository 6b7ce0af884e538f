import { getJob as route } from "@t2m/contract/routes/get-job";
import { getJob } from "@t2m/core/jobs/get";
import { hasEnded } from "@t2m/core/jobs/transitions";
import { handle, pollReply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, params }) => {
  const job = await getJob({ userId, ...params });
  return pollReply(job, hasEnded(job.status));
});
