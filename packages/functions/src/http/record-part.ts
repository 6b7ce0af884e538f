import { recordPart as route } from "@t2m/contract/routes/uploads";
import { recordPart } from "@t2m/core/uploads/record-part";
import { handle, reply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, params }) =>
  reply(200, await recordPart({ userId, ...params })),
);
