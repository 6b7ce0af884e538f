import { createUpload as route } from "@t2m/contract/routes/create-upload";
import { createUpload } from "@t2m/core/uploads/create";
import { handle, reply } from "../adapter/http.ts";

export const handler = handle(route, async ({ userId, body, idempotencyKey }) => {
  const { created, isNew } = await createUpload({ userId, request: body, idempotencyKey });
  return reply(isNew ? 201 : 200, created);
});
