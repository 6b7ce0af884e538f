import { listJobs as route } from "@t2m/contract/routes/jobs";
import { listJobs } from "@t2m/core/jobs/list";
import { handle, reply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, query }) =>
  reply(200, await listJobs({ userId, ...query })),
);
