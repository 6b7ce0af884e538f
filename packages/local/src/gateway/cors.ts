import type { IncomingHttpHeaders } from "node:http";

const allowedMethods = "DELETE,GET,POST,PUT";
const allowedHeaders = "authorization,content-type,idempotency-key,last-event-id";
const exposedHeaders = "apigw-requestid,location,retry-after";
const preflightLifetimeSeconds = "3600";

export function isPreflight(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  return method === "OPTIONS" && "origin" in headers && "access-control-request-method" in headers;
}

/** The headers for a request of this origin: none where it is not allowed, so that the browser refuses. */
export function corsHeaders(
  origin: string | undefined,
  allowedOrigins: readonly string[],
): Record<string, string> {
  if (origin === undefined) return {};
  const any = allowedOrigins.includes("*");
  if (!any && !allowedOrigins.includes(origin)) return { vary: "origin" };
  return {
    "access-control-allow-origin": any ? "*" : origin,
    "access-control-expose-headers": exposedHeaders,
    vary: "origin",
  };
}

export function preflightHeaders(
  origin: string | undefined,
  allowedOrigins: readonly string[],
): Record<string, string> {
  const headers = corsHeaders(origin, allowedOrigins);
  if (!("access-control-allow-origin" in headers)) return headers;
  return {
    ...headers,
    "access-control-allow-headers": allowedHeaders,
    "access-control-allow-methods": allowedMethods,
    "access-control-max-age": preflightLifetimeSeconds,
  };
}
