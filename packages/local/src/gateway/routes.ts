import type { Pool } from "../lambda/pool.ts";

export type GatewayRoute = {
  method: string;
  /** As in the contract and in API Gateway: `/jobs/{jobId}`. */
  path: `/${string}`;
  access: "public" | "user";
  pool: Pick<Pool, "invoke" | "stream">;
  /** Answered as by a function URL: streamed, and without an authorizer. */
  streaming?: boolean;
};

export type RouteMatch = { route: GatewayRoute; pathParameters: Record<string, string> };

/** The path is not valid percent-encoded UTF-8. */
export class MalformedPath extends Error {
  override name = "MalformedPath";
}

/**
 * The function that finds a request's route, the more specific before the less, as API Gateway does.
 *
 * @throws MalformedPath
 */
export function routeFinder(
  routes: readonly GatewayRoute[],
): (method: string, rawPath: string) => RouteMatch | undefined {
  const patterns = routes
    .map((route) => ({ route, segments: route.path.split("/").slice(1) }))
    .sort((a, b) => parameterCount(a.segments) - parameterCount(b.segments));
  return (method, rawPath) => {
    const values = rawPath.split("/").slice(1).map(decode);
    for (const { route, segments } of patterns) {
      if (route.method !== method || segments.length !== values.length) continue;
      const pathParameters = parametersOf(segments, values);
      if (pathParameters) return { route, pathParameters };
    }
    return undefined;
  };
}

function parameterCount(segments: readonly string[]): number {
  return segments.filter((segment) => segment.startsWith("{")).length;
}

function parametersOf(
  segments: readonly string[],
  values: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = values[index];
    if (segment.startsWith("{") && value) parameters[segment.slice(1, -1)] = value;
    else if (segment !== value) return undefined;
  }
  return parameters;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new MalformedPath(`Not a valid path: ${segment}`);
  }
}
