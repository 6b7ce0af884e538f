import { NewJob } from "../jobs.ts";
import { route } from "../route.ts";

// Of its own file: with the shape of a new job come all presets, which a poll shall not carry.
export const createJob = route({
  method: "POST",
  path: "/jobs",
  access: "user",
  body: NewJob,
  idempotent: true,
});
