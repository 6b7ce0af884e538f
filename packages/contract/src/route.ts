import type * as z from "zod/mini";
import type { Permission } from "./permissions.ts";

/** The request side of an operation: what a handler needs and nothing more, so that its bundle stays small. */
export type Route = {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** `{name}` stands for a path parameter, as in OpenAPI and API Gateway. */
  path: `/${string}`;
  /** `user` wants a bearer token of the stage's issuer; `public` answers anybody. */
  access: "public" | "user";
  /** What the user must have been allowed beyond what is everybody's. */
  permission?: Permission;
  params?: z.ZodMiniObject;
  query?: z.ZodMiniObject;
  body?: z.ZodMiniType;
  /** Takes an `Idempotency-Key`: the same key and request make the same thing once. */
  idempotent?: true;
  /** Answers with a stream of server-sent events. */
  stream?: true;
};

/* @__NO_SIDE_EFFECTS__ */
export function route<const R extends Route>(spec: R): R {
  return spec;
}
