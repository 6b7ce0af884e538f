import { api as contract, type Operation } from "@t2m/contract/api";
import { http } from "@t2m/functions/manifest";
import type { StageConfig } from "./config.ts";
import type { Functions } from "./functions.ts";
import { manifestOf } from "./manifest.ts";

/** One route for each operation of the contract that the stage can answer. HTTP APIs cannot stream: those go by their function's URL. */
export function createApi(cfg: StageConfig, { functions }: { functions: Functions }) {
  const operations: [string, Operation][] = Object.entries(contract);
  const answers: Record<string, keyof Functions> = http;
  const { isDeployed } = manifestOf(cfg);
  const methods = new Set(operations.map(([, { route }]) => route.method));
  const api = new sst.aws.ApiGatewayV2("Api", {
    // The stage's own page asks at its own address, and needs none of it.
    cors: cfg.webOrigins.length > 0 && {
      allowOrigins: cfg.webOrigins,
      allowMethods: [...methods],
      allowHeaders: ["authorization", "content-type", "idempotency-key"],
      exposeHeaders: ["location", "retry-after"],
      maxAge: "1 day",
    },
    accessLog: { retention: cfg.logRetention },
    transform: {
      api: { name: `${cfg.stage}-t2m` },
      // Beyond it callers are asked to come again, before functions are.
      stage: { defaultRouteSettings: { throttlingRateLimit: 1000, throttlingBurstLimit: 2000 } },
    },
  });
  const people = api.addAuthorizer({
    name: "People",
    jwt: { issuer: cfg.issuer, audiences: [cfg.audience] },
  });
  for (const [name, { route }] of operations) {
    const answer = answers[name];
    if (route.stream || !answer || !isDeployed(answer)) continue;
    const auth = route.access === "user" ? { jwt: { authorizer: people.id } } : undefined;
    api.route(`${route.method} ${route.path}`, functions[answer].arn, { name, ...(auth ? { auth } : {}) });
  }
  return api;
}
