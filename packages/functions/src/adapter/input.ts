import type { UserId } from "@t2m/contract/ids";
import { maximumBodyBytes } from "@t2m/contract/limits";
import type { Route } from "@t2m/contract/route";
import { ApiError, notFound } from "@t2m/core/errors";
import { sessionIdOf, userIdOf } from "@t2m/core/identity/user-id";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type * as z from "zod/mini";
import { sentenceFor } from "./sentences.ts";

type Jwt = { claims: Record<string, unknown> };

/** API Gateway's payload format 2.0; routes for users come with what its authorizer read from the token. */
export type ApiEvent = APIGatewayProxyEventV2 & { requestContext: { authorizer?: { jwt?: Jwt } } };

type OutputOf<T> = T extends z.ZodMiniType ? z.output<T> : undefined;

/** A request as its route describes it; what the route does not mention is undefined. */
export type Input<R extends Route> = {
  userId: R["access"] extends "user" ? UserId : undefined;
  /** Of who is signed in. */
  sessionId: string | undefined;
  params: OutputOf<R["params"]>;
  query: OutputOf<R["query"]>;
  body: OutputOf<R["body"]>;
  idempotencyKey: string | undefined;
  requestId: string;
};

type Problems = { path: string; message: string }[];

/** Throws `ApiError`: auth.required, not_found, request.too_large, or request.invalid with every problem at once. */
export function readInput<R extends Route>(route: R, event: ApiEvent): Input<R> {
  const userId = route.access === "user" ? userOf(event) : undefined;
  const sessionId = userId && sessionIdOf(userId, event.requestContext.authorizer?.jwt?.claims ?? {});
  // An address that cannot be anybody's names nothing, whatever the rest of the request looks like.
  const params = route.params?.safeParse(event.pathParameters ?? {});
  if (params && !params.success) throw notFound("thing");

  const problems: Problems = [];
  const query = route.query && checked(route.query, event.queryStringParameters ?? {}, "query.", problems);
  const body = route.body && checkedBody(route.body, event, problems);
  const idempotencyKey = route.idempotent && checkedKey(event, problems);
  if (problems.length > 0) {
    const [first] = problems;
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
    throw new ApiError("request.invalid", `${first?.path} ${first?.message}${more}`, { problems });
  }
  const { requestId } = event.requestContext;
  // Each was parsed by the very shape that its type is made of.
  return { userId, sessionId, params: params?.data, query, body, idempotencyKey, requestId } as Input<R>;
}

function userOf(event: ApiEvent): UserId {
  const { iss, sub } = event.requestContext.authorizer?.jwt?.claims ?? {};
  if (typeof iss === "string" && typeof sub === "string" && sub !== "") return userIdOf(iss, sub);
  throw new ApiError("auth.required", "Sign in, and send the token as a bearer token.");
}

function checked(shape: z.ZodMiniType, value: unknown, prefix: string, problems: Problems): unknown {
  const parsed = shape.safeParse(value, { error: sentenceFor });
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) {
    problems.push({ path: `${prefix}${path.join(".")}` || "body", message });
  }
  return undefined;
}

function checkedBody(shape: z.ZodMiniType, event: ApiEvent, problems: Problems): unknown {
  const bytes = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > maximumBodyBytes) {
    throw new ApiError(
      "request.too_large",
      `The body has ${bytes.length} bytes; ${maximumBodyBytes} are allowed.`,
    );
  }
  const type = event.headers["content-type"] ?? "";
  if (!/^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(type)) {
    problems.push({ path: "content-type", message: "must be application/json" });
    return undefined;
  }
  try {
    return checked(shape, JSON.parse(bytes.toString()), "", problems);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    problems.push({ path: "body", message: "is not JSON" });
    return undefined;
  }
}

function checkedKey(event: ApiEvent, problems: Problems): string | undefined {
  const key = event.headers["idempotency-key"];
  if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) {
    problems.push({ path: "idempotency-key", message: "must be 1 to 255 visible ASCII characters" });
  }
  return key;
}
