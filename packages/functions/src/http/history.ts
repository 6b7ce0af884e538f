import * as routes from "@t2m/contract/routes/history";
import { deletePastJob } from "@t2m/core/history/delete";
import { getPastJob, listHistory } from "@t2m/core/history/jobs";
import { reply } from "../adapter/http.ts";
import { answerAll, serve } from "../adapter/record.ts";

export const handler = answerAll([
  serve(routes.listHistory, async ({ userId, query }) => reply(200, await listHistory(userId, query))),
  serve(routes.getPastJob, async ({ userId, params }) => reply(200, await getPastJob(userId, params.jobId))),
  serve(routes.deletePastJob, async ({ userId, params }) => {
    await deletePastJob(userId, params.jobId);
    return reply(204);
  }),
]);
