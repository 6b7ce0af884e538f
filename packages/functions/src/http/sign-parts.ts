import { signParts as route } from "@t2m/contract/routes/sign-parts";
import { signParts } from "@t2m/core/uploads/sign";
import { handle, reply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, params, body }) =>
  reply(200, await signParts({ userId, ...params, ...body })),
);
