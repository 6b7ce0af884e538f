import * as z from "zod/mini";
import { UploadId } from "../ids.ts";
import { route } from "../route.ts";

// Of its own file: asked once a second by everybody who waits, so its handler carries nothing else.
export const getUpload = route({
  method: "GET",
  path: "/uploads/{uploadId}",
  access: "user",
  params: z.object({ uploadId: UploadId }),
});
