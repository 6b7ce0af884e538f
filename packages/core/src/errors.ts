import type { ErrorCode } from "@t2m/contract/errors";

type Extra = {
  problems?: readonly { path: string; message: string }[];
  retryAfterSeconds?: number;
  cause?: unknown;
};

/** A refusal that the person who asked may see: `code` is the promise, `detail` says it in words. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;
  readonly detail: string;
  readonly problems: Extra["problems"];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, detail: string, extra: Extra = {}) {
    super(`${code}: ${detail}`, { cause: extra.cause });
    this.code = code;
    this.detail = detail;
    this.problems = extra.problems;
    this.retryAfterSeconds = extra.retryAfterSeconds;
  }
}

/** `what` as in "upload": absent, expired and somebody else's are the same to who asks. */
export function notFound(what: string): ApiError {
  return new ApiError("not_found", `There is no such ${what}.`);
}

/** A page was asked for by a cursor that no page gave. */
export function notACursor(): ApiError {
  const message = "must be the cursor of the page before";
  const problems = [{ path: "query.cursor", message }];
  return new ApiError("request.invalid", `cursor ${message}`, { problems });
}

/** A service behind this one did not answer in time or refused for load; the same request may succeed later. */
export function unavailable(service: string, cause: unknown): ApiError {
  const detail = `The ${service} does not answer at the moment; try again shortly.`;
  return new ApiError("service.unavailable", detail, { retryAfterSeconds: 2, cause });
}

export function isUnavailable(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === "service.unavailable";
}
