import * as z from "zod/mini";
import { UploadId } from "../ids.ts";
import { PartsToSign } from "../parts.ts";
import { route } from "../route.ts";

// Of its own file: asked for every hundred parts of every upload, so its handler carries nothing else.
export const signParts = route({
  method: "POST",
  path: "/uploads/{uploadId}/parts/urls",
  access: "user",
  params: z.object({ uploadId: UploadId }),
  body: PartsToSign,
});
