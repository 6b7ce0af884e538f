import * as routes from "@t2m/contract/routes/files";
import { getFile, listFiles } from "@t2m/core/files/list";
import { listShares, revokeShare, shareFile } from "@t2m/core/files/shares";
import { listFileVersions, restoreVersion, signFile } from "@t2m/core/files/versions";
import { reply } from "../adapter/http.ts";
import { answerAll, serve } from "../adapter/record.ts";

export const handler = answerAll([
  serve(routes.listFiles, async ({ userId, query }) => reply(200, await listFiles(userId, query))),
  serve(routes.getFile, async ({ userId, params }) => reply(200, await getFile(userId, params.fileId))),
  serve(routes.signFile, async ({ userId, params, query }) =>
    reply(200, await signFile(userId, params.fileId, { use: query.for, versionId: query.versionId })),
  ),
  serve(routes.listFileVersions, async ({ userId, params }) =>
    reply(200, { items: await listFileVersions(userId, params.fileId) }),
  ),
  serve(routes.restoreFileVersion, async ({ userId, params }) =>
    reply(200, { items: await restoreVersion(userId, params.fileId, params.versionId) }),
  ),
  serve(routes.shareFile, async ({ userId, params, body }) =>
    reply(201, await shareFile(userId, params.fileId, body)),
  ),
  serve(routes.listShares, async ({ userId, params }) =>
    reply(200, { items: await listShares(userId, params.fileId) }),
  ),
  serve(routes.revokeShare, async ({ userId, params }) => {
    await revokeShare(userId, params.fileId, params.shareId);
    return reply(204);
  }),
]);
