import * as z from "zod/mini";
import type { statementsOf } from "../synthesized.ts";

export type Statement = ReturnType<typeof statementsOf>[number];

/** What a function asked of AWS in the end-to-end tests; `uploads/users/…` and `live/index/due` are resources. */
export const Call = z.object({
  function: z.string(),
  action: z.string(),
  resource: z.string(),
  prefix: z.optional(z.string()),
});
export type Call = z.infer<typeof Call>;

/** A call as IAM would see it in a stage. */
export type Request = { action: string; arn: string; prefix?: string | undefined };

const Condition = z.record(z.string(), z.record(z.string(), z.array(z.string())));

/**
 * Whether a statement allows a request. Throws for what our policies do not hold: this must not be taken for more than
 * it is.
 */
export function allows({ Effect, Action, Resource = [], Condition: raw = {} }: Statement, request: Request) {
  if (Effect !== "Allow") throw new Error(`A statement with the effect ${Effect} is not understood here`);
  if (!Action.includes(request.action)) return false;
  if (!Resource.some((pattern) => matches(pattern, request.arn))) return false;
  return Object.entries(z.parse(Condition, raw)).every(([test, variables]) =>
    Object.entries(variables).every(([variable, patterns]) => {
      if (test !== "StringLike" || variable !== "s3:prefix") {
        throw new Error(`The condition ${test} ${variable} is not understood here`);
      }
      const { prefix } = request;
      return prefix !== undefined && patterns.some((pattern) => matches(pattern, prefix));
    }),
  );
}

/** `*` stands for any text, `?` for one character. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split(/([*?])/).map((part) => {
    if (part === "*") return ".*";
    return part === "?" ? "." : part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "s").test(text);
}
