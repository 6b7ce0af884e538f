import * as z from "zod/mini";
import { JobId } from "../ids.ts";
import { Page } from "../page.ts";
import { route } from "../route.ts";

const params = z.object({ jobId: JobId });

export const listJobs = route({ method: "GET", path: "/jobs", access: "user", query: Page });

export const streamJob = route({
  method: "GET",
  path: "/jobs/{jobId}/events",
  access: "user",
  params,
  stream: true,
});

export const cancelJob = route({ method: "POST", path: "/jobs/{jobId}/cancel", access: "user", params });

export const deleteJob = route({ method: "DELETE", path: "/jobs/{jobId}", access: "user", params });

export const signOutput = route({
  method: "GET",
  path: "/jobs/{jobId}/outputs/{name}",
  access: "user",
  params: z.object({ jobId: JobId, name: z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]{0,99}$/)) }),
  query: z.object({
    /** `download` offers it under the user's own file name, `play` shows it in the page. */
    for: z._default(z.enum(["download", "play"]), "download"),
  }),
});
