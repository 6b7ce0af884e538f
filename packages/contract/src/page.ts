import * as z from "zod/mini";
import { maximumPageSize } from "./limits.ts";

/** Which page of a list: `cursor` is the one the page before gave; it is opaque. */
export const Page = z.object({
  limit: z._default(
    z.pipe(
      z.pipe(
        z.string().check(z.regex(/^\d{1,4}$/, "must be a whole number")),
        z.transform((digits: string) => Number(digits)),
      ),
      z.int().check(z.minimum(1), z.maximum(maximumPageSize)),
    ),
    50,
  ),
  cursor: z.optional(z.string().check(z.maxLength(200))),
});
export type Page = z.infer<typeof Page>;

/* @__NO_SIDE_EFFECTS__ */
export function pageOf<T extends z.ZodMiniType>(item: T) {
  return z.object({ items: z.array(item), cursor: z.optional(z.string()) });
}
