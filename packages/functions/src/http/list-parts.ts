import { listParts as route } from "@t2m/contract/routes/uploads";
import { listStoredParts } from "@t2m/core/uploads/stored-parts";
import { handle, reply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, params }) =>
  reply(200, await listStoredParts({ userId, ...params })),
);
