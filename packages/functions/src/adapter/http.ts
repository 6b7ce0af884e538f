import type { Route } from "@t2m/contract/route";
import { ConfigError, config } from "@t2m/core/config";
import { refuseShutOut } from "@t2m/core/identity/revocations";
import { log } from "@t2m/core/log";
import { type ApiEvent, type Input, readInput } from "./input.ts";
import { type Answer, problemAnswer } from "./problem.ts";

/** What a handler answers with; `body` goes out as JSON. */
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> };

export function reply(status: number, body?: unknown, headers?: Record<string, string>): Reply {
  return { status, ...(body === undefined ? {} : { body }), ...(headers ? { headers } : {}) };
}

/** Of something to be asked for again as long as it is not at its end. */
export function pollReply(body: unknown, isFinal: boolean): Reply {
  return isFinal ? reply(200, body) : reply(200, body, { "retry-after": "1" });
}

/** Parsed before the first request: a function that lacks a variable says so at once, and names all of them. */
const configError = readConfig();

/**
 * A Lambda handler for one route of the contract: checks the request by the route's shapes, knows whose it is, and
 * turns whatever is thrown into a problem document.
 */
export function handle<R extends Route>(route: R, answer: (input: Input<R>) => Promise<Reply>) {
  return (event: ApiEvent): Promise<Answer> =>
    answering(event, async () => {
      const input = readInput(route, event);
      if (input.sessionId === undefined) return await answer(input);
      const check = refuseShutOut(String(input.userId), input.sessionId);
      if (route.method !== "GET") await check;
      // What only looks may begin to look meanwhile; what it finds is told to nobody before the check.
      const answered = answer(input);
      answered.catch(() => undefined);
      await check;
      return await answered;
    });
}

/** Runs `answer` and puts what comes of it into API Gateway's form. */
export async function answering(event: ApiEvent, answer: () => Promise<Reply>): Promise<Answer> {
  try {
    if (configError) throw configError;
    return inApiForm(await answer());
  } catch (error) {
    return problemAnswer(error, event.requestContext.requestId);
  }
}

function inApiForm({ status, body, headers }: Reply): Answer {
  const common = { "cache-control": "no-store", ...headers };
  if (body === undefined) return { statusCode: status, headers: common, body: "" };
  return {
    statusCode: status,
    headers: { "content-type": "application/json", ...common },
    body: JSON.stringify(body),
  };
}

function readConfig(): ConfigError | undefined {
  try {
    config();
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log("ERROR", "this function is not configured", { problems: error.problems });
    return error;
  }
}
