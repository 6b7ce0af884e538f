import { api, type Operation } from "@t2m/contract/api";
import { http } from "@t2m/functions/manifest";
import { describe, expect, test } from "vitest";
import { regionOf, stages, synthesized } from "./synthesized.ts";

const operations: [string, Operation][] = Object.entries(api);
const answered = operations.filter(([, { route }]) => !route.stream);
const answers: Record<string, string> = http;

describe.each(stages)("%s", (stage) => {
  const { all, where, lambda } = synthesized(stage);
  const region = regionOf(stage);
  const routes = all("aws:apigatewayv2/route:Route").map(({ inputs }) => inputs);

  test("the routes are the contract's operations and no more", () => {
    const expected = answered.map(([, { route }]) => `${route.method} ${route.path}`);
    expect(routes.map(({ routeKey }) => routeKey).sort()).toEqual(expected.sort());
  });

  test("every operation for people asks for a token of the stage's issuer; the others are open", () => {
    const [authorizer, ...others] = all("aws:apigatewayv2/authorizer:Authorizer");
    expect(others).toEqual([]);
    expect(authorizer?.inputs).toMatchObject({
      authorizerType: "JWT",
      identitySources: ["$request.header.Authorization"],
      jwtConfiguration: {
        qa: { issuer: "https://issuer.example.org", audiences: ["t2m"] },
        staging: { issuer: "https://issuer.example.org", audiences: ["t2m-staging"] },
        production: { issuer: "https://people.example.org", audiences: ["t2m-production"] },
      }[stage],
    });
    for (const [name, { route }] of answered) {
      const { inputs } = where("aws:apigatewayv2/route:Route", "routeKey", `${route.method} ${route.path}`);
      expect({ type: inputs.authorizationType, authorizer: inputs.authorizerId }, name).toEqual(
        route.access === "user"
          ? { type: "JWT", authorizer: `${authorizer?.name}-id` }
          : { type: "NONE", authorizer: undefined },
      );
    }
  });

  test("[A2.4] [A9.1] a route leads to the function that the manifest names, which the API may start", () => {
    const integrations = all("aws:apigatewayv2/integration:Integration");
    for (const [name, { route }] of answered) {
      const arn = `arn:aws:lambda:${region}:123456789012:function:${stage}-t2m-${answers[name]}`;
      const { inputs } = where("aws:apigatewayv2/route:Route", "routeKey", `${route.method} ${route.path}`);
      const integration = integrations.find((each) => inputs.target === `integrations/${each.name}-id`);
      expect(integration?.inputs, name).toMatchObject({
        integrationType: "AWS_PROXY",
        integrationUri: arn,
        payloadFormatVersion: "2.0",
      });
      // One for each of its routes.
      const permissions = all("aws:lambda/permission:Permission").filter(
        ({ inputs }) => inputs.function === arn,
      );
      expect(permissions.length).toBeGreaterThan(0);
      for (const permission of permissions) {
        expect(permission.inputs).toMatchObject({
          principal: "apigateway.amazonaws.com",
          sourceArn: `arn:aws:execute-api:${region}:123456789012:${stage}-t2m/*`,
        });
      }
    }
  });

  test("a page of another origin may call the API only where the stage says so", () => {
    const { corsConfiguration } = where("aws:apigatewayv2/api:Api", "name", `${stage}-t2m`).inputs;
    if (stage !== "production") return expect(corsConfiguration).toEqual({});
    return expect(corsConfiguration).toEqual({
      allowOrigins: ["https://www.example.org"],
      allowMethods: expect.arrayContaining(["GET", "POST", "PUT", "DELETE"]),
      allowHeaders: ["authorization", "content-type", "idempotency-key"],
      exposeHeaders: ["location", "retry-after"],
      maxAge: 86_400,
    });
  });

  test("[A7.1] every call leaves a line in the access log; more than a stage should take are turned away", () => {
    const [{ inputs } = { inputs: {} }] = all("aws:apigatewayv2/stage:Stage");
    expect(inputs).toMatchObject({
      autoDeploy: true,
      // Beyond it callers are told to come again.
      defaultRouteSettings: { throttlingRateLimit: 1000, throttlingBurstLimit: 2000 },
      accessLogSettings: { destinationArn: expect.stringContaining(":log-group:/aws/vendedlogs/apis/") },
    });
  });

  test("[A2.3] operations that stream have a function URL that streams, closed to everybody without AWS's signature", () => {
    const streaming = operations.filter(([, { route }]) => route.stream).map(([name]) => answers[name] ?? "");
    const urls = all("aws:lambda/functionUrl:FunctionUrl");
    expect(urls).toHaveLength(streaming.length);
    for (const name of streaming) {
      const url = urls.find(({ inputs }) => inputs.functionName === lambda(name).inputs.name);
      expect(url?.inputs).toMatchObject({ authorizationType: "AWS_IAM", invokeMode: "RESPONSE_STREAM" });
    }
  });
});
