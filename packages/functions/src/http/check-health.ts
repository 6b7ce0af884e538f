import { checkHealth as route } from "@t2m/contract/routes/service";
import { checkHealth } from "@t2m/core/health/check";
import { handle, reply } from "../adapter/http.ts";

/** 503 where a service of the live plane is away: what watches us looks at the status alone. */
export const handler = handle(route, async ({ query }) => {
  const health = await checkHealth(query.check);
  return health.status === "ok" ? reply(200, health) : reply(503, health, { "retry-after": "5" });
});
