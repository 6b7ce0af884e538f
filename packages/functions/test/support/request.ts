import { randomUUID } from "node:crypto";
import { Problem } from "@t2m/contract/errors";
import type { Route } from "@t2m/contract/route";
import type { ApiEvent } from "@t2m/functions/adapter/input";
import type { Answer } from "@t2m/functions/adapter/problem";

type Request = {
  /** Who asks; absent: nobody is signed in. */
  subject?: string;
  /** More of what their token says. */
  claims?: Record<string, unknown>;
  /** Which, of a function that answers several. */
  route?: Route;
  params?: Record<string, string>;
  query?: Record<string, string>;
  /** An object goes as JSON, a text as it is. */
  body?: unknown;
  headers?: Record<string, string>;
};

export type Response = { status: number; headers: Record<string, string>; body: unknown; text: string };

/** Asks a handler as API Gateway does (payload format 2.0). */
export async function ask(
  handler: (event: ApiEvent) => Promise<Answer>,
  request: Request = {},
): Promise<Response> {
  const { subject, claims, route, params, query, body, headers = {} } = request;
  const routeKey = route ? `${route.method} ${route.path}` : "GET /";
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const requestContext: ApiEvent["requestContext"] = {
    accountId: "000000000000",
    apiId: "api",
    domainName: "localhost",
    domainPrefix: "localhost",
    http: { method: "GET", path: "/", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
    requestId: randomUUID(),
    routeKey,
    stage: "$default",
    time: "01/Jan/2026:00:00:00 +0000",
    timeEpoch: 0,
    ...(subject === undefined
      ? {}
      : { authorizer: { jwt: { claims: { iss: "http://issuer.test", sub: subject, ...claims } } } }),
  };
  const answer = await handler({
    version: "2.0",
    routeKey,
    rawPath: "/",
    rawQueryString: "",
    headers: text === undefined ? headers : { "content-type": "application/json", ...headers },
    requestContext,
    isBase64Encoded: false,
    ...(params ? { pathParameters: params } : {}),
    ...(query ? { queryStringParameters: query } : {}),
    ...(text === undefined ? {} : { body: text }),
  });
  const parsed = answer.body === "" ? undefined : JSON.parse(answer.body);
  return { status: answer.statusCode, headers: answer.headers, body: parsed, text: answer.body };
}

/** The answer as a problem document; fails where it is none. */
export function problemOf(response: Response): Problem {
  if (response.headers["content-type"] !== "application/problem+json") throw new Error(response.text);
  return Problem.parse(response.body);
}
