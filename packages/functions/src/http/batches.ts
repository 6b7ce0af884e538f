import * as routes from "@t2m/contract/routes/batches";
import { cancelBatch, pauseBatch, resumeBatch } from "@t2m/core/batches/control";
import { getBatch, getQueue, listBatches, listBatchJobs } from "@t2m/core/batches/get";
import { reply } from "../adapter/http.ts";
import { answerAll, serve } from "../adapter/record.ts";

export const handler = answerAll([
  serve(routes.listBatches, async ({ userId, query }) => reply(200, await listBatches(userId, query))),
  serve(routes.getBatch, async ({ userId, params }) => reply(200, await getBatch(userId, params.batchId))),
  serve(routes.listBatchJobs, async ({ userId, params, query }) =>
    reply(200, await listBatchJobs(userId, params.batchId, query)),
  ),
  serve(routes.pauseBatch, async ({ userId, params }) =>
    reply(200, await pauseBatch(userId, params.batchId)),
  ),
  serve(routes.resumeBatch, async ({ userId, params }) =>
    reply(200, await resumeBatch(userId, params.batchId)),
  ),
  serve(routes.cancelBatch, async ({ userId, params }) =>
    reply(200, await cancelBatch(userId, params.batchId)),
  ),
  serve(routes.getQueue, async ({ userId }) => reply(200, await getQueue(userId))),
]);
