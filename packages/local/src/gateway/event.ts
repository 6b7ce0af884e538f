import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Authorization } from "./authorizer.ts";
import type { RouteMatch } from "./routes.ts";

/** What both API Gateway and function URLs say of a request. */
export type GatewayRequest = {
  incoming: IncomingMessage;
  /** As sent, without the API's prefix. */
  rawPath: string;
  rawQueryString: string;
  body: Buffer;
  requestId: string;
  receivedAt: Date;
};

export function newRequestId(): string {
  return randomBytes(11).toString("base64");
}

/**
 * An API Gateway HTTP API event, payload format 2.0. API Gateway decodes `rawPath`, in spite of its name; function URLs
 * do not (captured in https://github.com/hotsock/voker/pull/8).
 */
export function apiEvent(
  request: GatewayRequest,
  match: RouteMatch,
  authorization: Authorization | undefined,
): Record<string, unknown> {
  const routeKey = `${match.route.method} ${match.route.path}`;
  const rawPath = decodeURIComponent(request.rawPath);
  const context = requestContext(request, { routeKey, path: rawPath, accountId: "000000000000" });
  return {
    version: "2.0",
    routeKey,
    rawPath,
    ...commonFields(request),
    ...(Object.keys(match.pathParameters).length > 0 && { pathParameters: match.pathParameters }),
    requestContext: authorization ? { ...context, authorizer: { jwt: authorization } } : context,
    ...bodyFields(request),
  };
}

/** A function URL's event: the same format, but it knows no routes and authorizes nobody. */
export function functionUrlEvent(request: GatewayRequest): Record<string, unknown> {
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: request.rawPath,
    ...commonFields(request),
    requestContext: requestContext(request, {
      routeKey: "$default",
      path: request.rawPath,
      accountId: "anonymous",
    }),
    ...bodyFields(request),
  };
}

function commonFields({ incoming, rawQueryString }: GatewayRequest): Record<string, unknown> {
  const { cookie, ...headers } = joinedHeaders(incoming);
  const parameters = queryParameters(rawQueryString);
  return {
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split(";").map((part) => part.trim()) }),
    headers,
    ...(Object.keys(parameters).length > 0 && { queryStringParameters: parameters }),
  };
}

/** Names in lower case, repeated headers joined by a comma, those of one hop left out, the proxy's own added. */
function joinedHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    const name = (incoming.rawHeaders[index] ?? "").toLowerCase();
    const value = incoming.rawHeaders[index + 1] ?? "";
    if (["connection", "keep-alive", "transfer-encoding", "upgrade"].includes(name)) continue;
    headers[name] =
      headers[name] === undefined ? value : `${headers[name]}${name === "cookie" ? ";" : ","}${value}`;
  }
  const forwardedFor = headers["x-forwarded-for"];
  return {
    ...headers,
    "x-forwarded-for": forwardedFor ? `${forwardedFor}, ${sourceIp(incoming)}` : sourceIp(incoming),
    "x-forwarded-port": String(incoming.socket.localPort ?? ""),
    "x-forwarded-proto": "http",
  };
}

function queryParameters(rawQueryString: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    parameters[name] = parameters[name] === undefined ? value : `${parameters[name]},${value}`;
  }
  return parameters;
}

function requestContext(
  { incoming, requestId, receivedAt }: GatewayRequest,
  { routeKey, path, accountId }: { routeKey: string; path: string; accountId: string },
): Record<string, unknown> {
  const domainName = incoming.headers.host ?? "localhost";
  return {
    accountId,
    apiId: "local",
    domainName,
    domainPrefix: domainName.split(/[.:]/)[0],
    http: {
      method: incoming.method,
      path,
      protocol: `HTTP/${incoming.httpVersion}`,
      sourceIp: sourceIp(incoming),
      userAgent: incoming.headers["user-agent"] ?? "",
    },
    requestId,
    routeKey,
    stage: "$default",
    time: commonLogTime(receivedAt),
    timeEpoch: receivedAt.getTime(),
  };
}

function sourceIp(incoming: IncomingMessage): string {
  return (incoming.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
}

/** `20/Nov/2026:08:06:01 +0000` */
function commonLogTime(time: Date): string {
  const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(time.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock} +0000`;
}

const textTypes = /^(text\/|application\/(json|javascript|xml)\b|application\/[^;]+\+(json|xml)\b)/i;

/** Text travels as it is; what is not said to be text, and forms, in base64. */
function bodyFields({ incoming, body }: GatewayRequest): Record<string, unknown> {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = textTypes.test(incoming.headers["content-type"] ?? "");
  return { body: body.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText };
}
