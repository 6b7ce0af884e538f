import type { UserId } from "@t2m/contract/ids";
import type { Route } from "@t2m/contract/route";
import { demand, type Viewer } from "@t2m/core/people/permissions";
import { visit } from "@t2m/core/people/visit";
import { answering, type Reply } from "./http.ts";
import { type ApiEvent, type Input, readInput } from "./input.ts";
import type { Answer } from "./problem.ts";

type Handler = (event: ApiEvent) => Promise<Answer>;
/** A route of the record plane with what answers it. */
export type Served = { routeKey: string; handler: Handler };

/**
 * As `handle`, for a route of the record plane: who asks has a row there, which also says whether their session was
 * revoked and what they may do.
 */
export function serve<R extends Route>(
  route: R,
  answer: (input: Omit<Input<R>, "userId"> & { viewer: Viewer; userId: UserId }) => Promise<Reply>,
): Served {
  const handler = (event: ApiEvent) =>
    answering(event, async () => {
      const input = readInput(route, event);
      const viewer = await visit({
        userId: String(input.userId),
        claims: event.requestContext.authorizer?.jwt?.claims ?? {},
        userAgent: event.requestContext.http.userAgent,
        ipAddress: event.requestContext.http.sourceIp,
      });
      demand(viewer, route.permission);
      return await answer({ ...input, viewer, userId: viewer.userId });
    });
  return { routeKey: `${route.method} ${route.path}`, handler };
}

/**
 * One function for the routes of one noun: sandboxes are warm more often, and there are fewer connections to Postgres.
 */
export function answerAll(served: readonly Served[]): Handler {
  const handlers = new Map(served.map(({ routeKey, handler }) => [routeKey, handler]));
  return async (event) => {
    const handler = handlers.get(event.routeKey);
    if (!handler) throw new Error(`this function does not answer ${event.routeKey}`);
    return await handler(event);
  };
}
