import { NewUpload } from "../new-upload.ts";
import { route } from "../route.ts";

// Of its own file: see new-upload.ts.
export const createUpload = route({
  method: "POST",
  path: "/uploads",
  access: "user",
  body: NewUpload,
  idempotent: true,
});
