import { createJob as route } from "@t2m/contract/routes/create-job";
import { submitJob } from "@t2m/core/jobs/submit";
import { handle, reply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, body, idempotencyKey }) => {
  const { job, isNew } = await submitJob({ userId, request: body, idempotencyKey });
  return reply(isNew ? 201 : 200, job);
});
