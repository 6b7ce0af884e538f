import { api, type Operation, type OperationName } from "@t2m/contract/api";
import { type Patience, sleep, waitMs } from "./backoff.ts";
import type { AnyCall } from "./call.ts";
import { ApiProblem, problemOf, Unreachable } from "./problem.ts";

/** A token, or where to get one; `renew` says that the last one was refused. */
export type Token = string | ((why: { renew: boolean }) => Promise<string>);

export type Connection = {
  /** Where the API lives, such as `https://example.org/api`. */
  baseUrl: string;
  token?: Token;
  fetch?: typeof fetch;
  patience?: Patience;
};

export type Send = (name: OperationName, call: AnyCall) => Promise<Response>;

const usualPatience: Patience = { attempts: 5, baseMs: 250, capMs: 8_000 };
// Longer than the slowest function behind the API may take.
const answerWithinMs = 35_000;

/** POSTs that change nothing more when they are repeated, as the contract has it. */
const repeatable: ReadonlySet<OperationName> = new Set(["signParts", "completeUpload", "cancelJob"]);

/**
 * Sends calls with the token and answers with a response of status 2xx. Network errors, 429 and 502–504 are
 * tried again, where repeating is safe, as long as the server asks for. A refused token is renewed once.
 * Throws `ApiProblem`, `Unreachable`, or the signal's reason.
 */
export function createSend(connection: Connection): Send {
  const patience = connection.patience ?? usualPatience;
  return async (name, call) => {
    const { route }: Operation = api[name];
    const safe = route.method !== "POST" || route.idempotent === true || repeatable.has(name);
    const key = route.idempotent && { "idempotency-key": call.idempotencyKey ?? crypto.randomUUID() };
    const request = { ...call, headers: { ...call.headers, ...key } };
    let renew = false;
    for (let attempt = 1; ; attempt++) {
      const outcome = await attemptOnce(connection, name, request, renew);
      if (outcome instanceof Response) return outcome;
      if (isRefusedToken(outcome) && typeof connection.token === "function" && !renew) {
        renew = true;
        continue;
      }
      if (attempt >= patience.attempts || !mayPass(outcome, safe)) throw outcome;
      const wish = outcome instanceof ApiProblem ? outcome.retryAfterSeconds : 0;
      await sleep(waitMs(patience, attempt, wish), call.signal);
    }
  };
}

const isRefusedToken = (error: Error) => error instanceof ApiProblem && error.status === 401;

/** Whether a later try may succeed. 429 and 503 refuse before anything is done, so any call may be repeated. */
function mayPass(error: Error, safe: boolean): boolean {
  if (error instanceof Unreachable) return safe;
  if (!(error instanceof ApiProblem)) return false;
  if (error.status === 429 || error.status === 503) return true;
  return safe && (error.status === 502 || error.status === 504);
}

async function attemptOnce(connection: Connection, name: OperationName, call: AnyCall, renew: boolean) {
  const { route }: Operation = api[name];
  const url = urlOf(connection.baseUrl, route.path, call);
  const token = route.access === "user" ? await tokenOf(connection, renew) : undefined;
  // An event stream's body may take as long as it likes; it is read outside.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), answerWithinMs);
  try {
    const response = await (connection.fetch ?? fetch)(url, {
      method: route.method,
      headers: {
        ...call.headers,
        ...(token && { authorization: `Bearer ${token}` }),
        ...(call.body !== undefined && { "content-type": "application/json" }),
      },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      signal: call.signal ? AbortSignal.any([call.signal, late.signal]) : late.signal,
    });
    if (!response.ok) return await problemOf(response);
    // Read here, so that an answer that breaks off is tried again like one that never came.
    return route.stream ? response : new Response((await response.text()) || null, response);
  } catch (error) {
    call.signal?.throwIfAborted();
    return new Unreachable(`No answer from ${new URL(url).origin}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function tokenOf({ token }: Connection, renew: boolean): Promise<string | undefined> {
  return typeof token === "function" ? token({ renew }) : token;
}

function urlOf(baseUrl: string, path: string, { params = {}, query = {} }: AnyCall): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return `${baseUrl.replace(/\/+$/, "")}${filled}${search.size > 0 ? `?${search}` : ""}`;
}
