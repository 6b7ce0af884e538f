import { listUploads as route } from "@t2m/contract/routes/uploads";
import { listUploads } from "@t2m/core/uploads/list";
import { handle, reply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, query }) =>
  reply(200, await listUploads({ userId, page: query })),
);
