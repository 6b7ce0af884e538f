import { ApiProblem, UnexpectedReply, Unreachable } from "@t2m/client/problem";
import { text } from "../text.ts";

/** What to tell a person about an error. The API's own words are made for people. */
export function problemText(error: unknown): string {
  if (error instanceof ApiProblem) return error.message;
  if (error instanceof Unreachable) return text.problem.unreachable;
  if (error instanceof UnexpectedReply) return text.problem.unexpected;
  return text.problem.unknown;
}

export const isNotFound = (error: unknown) => error instanceof ApiProblem && error.code === "not_found";
