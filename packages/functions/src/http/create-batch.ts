import { createBatch as route } from "@t2m/contract/routes/create-batch";
import { createBatch } from "@t2m/core/batches/create";
import { reply } from "../adapter/http.ts";
import { answerAll, serve } from "../adapter/record.ts";

// Of its own: with the shape of a new batch come all presets.
export const handler = answerAll([
  serve(route, async ({ userId, body, idempotencyKey }) => {
    const { batch, isNew } = await createBatch({ userId, request: body, idempotencyKey });
    return reply(isNew ? 201 : 200, batch);
  }),
]);
