import type * as z from "zod/mini";

/** Says in words why an option was refused; zod/mini comes without texts of its own. */
export const sentenceFor: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === "unrecognized_keys") return `unknown option: ${issue.keys.join(", ")}`;
  if (issue.code === "invalid_value") return `must be one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "too_small")
    return `must be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
  if (issue.code === "too_big")
    return `must be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
  if (issue.code === "invalid_type")
    return `must be ${issue.expected === "int" ? "a whole number" : `of type ${issue.expected}`}`;
  return undefined;
};
