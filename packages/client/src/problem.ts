import { type ErrorCode, errorCodes, Problem } from "@t2m/contract/errors";

/** A refusal by the API: `code` is stable, `detail` is for people, `problems` names each bad field. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly code: ErrorCode;
  readonly status: number;
  readonly detail: string;
  readonly problems: readonly { path: string; message: string }[];
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Omit<Problem, "type" | "title">, retryAfterSeconds?: number) {
    const fields = problem.problems?.map(({ path, message }) => `${path} ${message}`) ?? [];
    // The detail tells of the first problem alone.
    super(fields.length > 1 ? fields.join("; ") : problem.detail);
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.problems = problem.problems ?? [];
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No answer came: the network, the name or the server is away. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** The answer is not one of this API: another version, or another server altogether. */
export class UnexpectedReply extends Error {
  override readonly name = "UnexpectedReply";
}

/** Reads a refusal. One without a problem document (a gateway's own) gets the code that its status stands for. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => undefined);
  const parsed = Problem.safeParse(body);
  const retryAfterSeconds = secondsOf(response.headers.get("retry-after"));
  if (parsed.success) return new ApiProblem(parsed.data, retryAfterSeconds);
  const code = codeOf(response.status);
  const detail = `${errorCodes[code][1]} (status ${response.status})`;
  return new ApiProblem({ code, status: response.status, detail }, retryAfterSeconds);
}

const codesWithoutDocument: Record<number, ErrorCode> = {
  400: "request.invalid",
  401: "auth.required",
  403: "auth.forbidden",
  404: "not_found",
  405: "method.not_allowed",
  413: "request.too_large",
  429: "rate.limited",
  502: "service.unavailable",
  503: "service.unavailable",
  504: "service.unavailable",
};

function codeOf(status: number): ErrorCode {
  return codesWithoutDocument[status] ?? (status < 500 ? "request.invalid" : "internal");
}

/** `Retry-After` in seconds; it may be a number or a date. */
export function secondsOf(retryAfter: string | null | undefined): number | undefined {
  if (!retryAfter) return undefined;
  const seconds = Number(retryAfter);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? undefined : Math.max(0, (until - Date.now()) / 1000);
}
