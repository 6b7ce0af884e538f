import { type ErrorCode, errorCodes, type Problem } from "@t2m/contract/errors";
import { ApiError } from "@t2m/core/errors";
import { described, log } from "@t2m/core/log";

/** An answer before it is put into API Gateway's form. */
export type Answer = { statusCode: number; headers: Record<string, string>; body: string };

/**
 * RFC 9457 for whatever a handler threw. What is not an `ApiError` is our own fault: it is logged, and who asked
 * learns no more than where to find it in the log.
 */
export function problemAnswer(error: unknown, requestId: string): Answer {
  if (error instanceof ApiError) {
    if (error.code === "service.unavailable") {
      log("WARN", "service unavailable", { requestId, error: described(error) });
    }
    return answerFor(error.code, error.detail, requestId, error);
  }
  log("ERROR", "request failed", { requestId, error: described(error) });
  return answerFor(
    "internal",
    "The problem has been noted. Try again, or tell us the request's id.",
    requestId,
  );
}

function answerFor(
  code: ErrorCode,
  detail: string,
  requestId: string,
  extra: Pick<ApiError, "problems" | "retryAfterSeconds"> = {
    problems: undefined,
    retryAfterSeconds: undefined,
  },
): Answer {
  const [status, title] = errorCodes[code];
  const { problems, retryAfterSeconds } = extra;
  const problem: Problem = { type: "about:blank", title, status, detail, code, requestId };
  if (problems) problem.problems = [...problems];
  const headers: Record<string, string> = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
  };
  if (retryAfterSeconds !== undefined) headers["retry-after"] = String(retryAfterSeconds);
  if (status === 401) headers["www-authenticate"] = "Bearer";
  return { statusCode: status, headers, body: JSON.stringify(problem) };
}
