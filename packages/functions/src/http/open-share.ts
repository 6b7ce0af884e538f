import { openShare as route } from "@t2m/contract/routes/files";
import { openShare } from "@t2m/core/files/shares";
import { handle, reply } from "../adapter/http.ts";

export const handler = handle(route, async ({ params }) => reply(200, await openShare(params.token)));
