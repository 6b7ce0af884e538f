import * as z from "zod/mini";
import { JobId } from "../ids.ts";
import { route } from "../route.ts";

// Of its own file: asked once a second by everybody who waits, so its handler carries nothing else.
export const getJob = route({
  method: "GET",
  path: "/jobs/{jobId}",
  access: "user",
  params: z.object({ jobId: JobId }),
});
