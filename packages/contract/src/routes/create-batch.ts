import { NewBatch } from "../new-batch.ts";
import { route } from "../route.ts";

// Of its own file: see new-batch.ts.
export const createBatch = route({
  method: "POST",
  path: "/batches",
  access: "user",
  body: NewBatch,
  idempotent: true,
});
