import * as z from "zod/mini";
import { maximumSearchLength } from "./limits.ts";
import { Page } from "./page.ts";
import { Moment } from "./time.ts";

/** What every list of the record can be narrowed by: words in a name, and when. `to` is exclusive. */
export const filters = {
  ...Page.shape,
  search: z.optional(
    z
      .string()
      .check(
        z.minLength(1),
        z.maxLength(maximumSearchLength),
        z.regex(/^\P{Cc}*$/u, "may not hold control characters"),
      ),
  ),
  from: z.optional(Moment),
  to: z.optional(Moment),
};

/** Words that a list can be narrowed by: a preset, a kind, a failure's code. */
export const Word = z.string().check(z.regex(/^[a-z][a-z0-9._-]{0,59}$/, "must be a word in small letters"));
