import * as z from "zod/mini";
import { NewJob } from "./jobs.ts";
import { maximumJobsPerBatch } from "./limits.ts";
import { Priority } from "./priority.ts";

// Not in batches.ts: with these come all presets, which only who makes a batch shall carry.

export const NewBatch = z.strictObject({
  name: z.optional(
    z
      .string()
      .check(z.minLength(1), z.maxLength(100), z.regex(/^\P{Cc}+$/u, "may not hold control characters")),
  ),
  priority: z._default(Priority, "normal"),
  /** Of completed uploads. One that has gone when its turn comes fails alone. */
  jobs: z.array(NewJob).check(z.minLength(1), z.maxLength(maximumJobsPerBatch)),
});
export type NewBatch = z.infer<typeof NewBatch>;
