import * as routes from "@t2m/contract/routes/people";
import { listActivity } from "@t2m/core/people/activity";
import { requestDeletion } from "@t2m/core/people/close";
import { exportData } from "@t2m/core/people/export";
import { changeProfile, getProfile } from "@t2m/core/people/profile";
import { listSessions, revokeSession } from "@t2m/core/people/sessions";
import { getStatistics } from "@t2m/core/people/statistics";
import { reply } from "../adapter/http.ts";
import { answerAll, serve } from "../adapter/record.ts";

export const handler = answerAll([
  serve(routes.getMe, async ({ userId }) => reply(200, await getProfile(userId))),
  serve(routes.changeMe, async ({ userId, body }) => reply(200, await changeProfile(userId, body))),
  serve(routes.deleteMe, async ({ userId }) => reply(200, await requestDeletion(userId))),
  serve(routes.listSessions, async ({ viewer, query }) => reply(200, await listSessions(viewer, query))),
  serve(routes.revokeSession, async ({ userId, params }) => {
    await revokeSession(userId, params.sessionId);
    return reply(204);
  }),
  serve(routes.listActivity, async ({ userId, query }) => reply(200, await listActivity(userId, query))),
  serve(routes.getStatistics, async ({ userId }) => reply(200, await getStatistics(userId))),
  serve(routes.exportMyData, async ({ userId }) => reply(201, await exportData(userId))),
]);
