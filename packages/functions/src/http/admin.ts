import * as routes from "@t2m/contract/routes/admin";
import { cancelForUser, getThroughput, listAllJobs, listFailures } from "@t2m/core/admin/jobs";
import { getUser, listUserActivity, listUsers } from "@t2m/core/admin/people";
import { getStorageUse, getWholeQueue } from "@t2m/core/admin/usage";
import { changeAccess } from "@t2m/core/people/profile";
import { setSuspension } from "@t2m/core/people/suspend";
import { reply } from "../adapter/http.ts";
import { answerAll, serve } from "../adapter/record.ts";

export const handler = answerAll([
  serve(routes.listUsers, async ({ query }) => reply(200, await listUsers(query))),
  serve(routes.getUser, async ({ params }) => reply(200, await getUser(params.userId))),
  serve(routes.listUserActivity, async ({ params, query }) =>
    reply(200, await listUserActivity(params.userId, query)),
  ),
  serve(routes.changeAccess, async ({ userId, params, body }) =>
    reply(200, await changeAccess(params.userId, body, userId)),
  ),
  serve(routes.setSuspension, async ({ userId, params, body }) =>
    reply(200, await setSuspension(params.userId, body.isSuspended, userId)),
  ),
  serve(routes.listAllJobs, async ({ query }) => reply(200, await listAllJobs(query))),
  serve(routes.cancelForUser, async ({ userId, params }) => {
    await cancelForUser(params.userId, params.jobId, userId);
    return reply(204);
  }),
  serve(routes.listFailures, async ({ query }) => reply(200, await listFailures(query))),
  serve(routes.getThroughput, async ({ query }) => reply(200, await getThroughput(query))),
  serve(routes.getStorageUse, async () => reply(200, await getStorageUse())),
  serve(routes.getWholeQueue, async () => reply(200, await getWholeQueue())),
]);
