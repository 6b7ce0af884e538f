import { api, type Operation } from "@t2m/contract/api";
import { http } from "@t2m/functions/manifest";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { apiRequest, siteRequest, streamRequest } from "../edge/functions.ts";
import { everyStage, synthesized } from "./synthesized.ts";

const cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const allViewerExceptHost = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
const arn = "arn:aws:cloudfront::123456789012:distribution/E0123456789ABC";
const operations: [string, Operation][] = Object.entries(api);
const streaming = operations.filter(([, { route }]) => route.stream);
const answers: Record<string, string> = http;

const Behavior = z.looseObject({
  pathPattern: z.optional(z.string()),
  targetOriginId: z.string(),
  functionAssociations: z.array(z.object({ eventType: z.string(), functionArn: z.string() })),
});
const Origins = z.array(z.looseObject({ originId: z.string(), domainName: z.string() }));

describe.each(everyStage)("%s", (stage) => {
  const { all, only, where, lambda } = synthesized(stage);
  const { inputs } = only("aws:cloudfront/distribution:Distribution");
  const behaviors = z.array(Behavior).parse(inputs.orderedCacheBehaviors);
  const origins = Object.fromEntries(Origins.parse(inputs.origins).map((each) => [each.originId, each]));
  const codeOf = (behavior: z.infer<typeof Behavior>) => {
    const [association] = behavior.functionAssociations;
    const name = association?.functionArn.split("/").at(-1);
    return where("aws:cloudfront/function:Function", "name", name).inputs.code;
  };

  test("[A3.2] page, API and streams are one origin, each answered by whoever is its own", () => {
    expect(inputs).toMatchObject({
      enabled: true,
      httpVersion: "http2and3",
      defaultRootObject: "index.html",
    });
    expect(inputs.defaultCacheBehavior).toMatchObject({ targetOriginId: "site" });
    expect(behaviors.map(({ pathPattern, targetOriginId }) => [pathPattern, targetOriginId])).toEqual([
      ...streaming.map(([name, { route }]) => [`/api${route.path.replace(/\{\w+\}/g, "*")}`, answers[name]]),
      ["/api/*", "api"],
    ]);
    expect(origins.api?.domainName).toMatch(new RegExp(`^${stage}-t2m\\.execute-api\\.`));
  });

  test("[A2.3] what streams comes from its function's URL, which only this CDN may ask", () => {
    for (const [operation] of streaming) {
      const name = answers[operation] ?? "";
      const control = where(
        "aws:cloudfront/originAccessControl:OriginAccessControl",
        "name",
        `${stage}-t2m-${name}`,
      );
      expect(control.inputs).toMatchObject({
        originAccessControlOriginType: "lambda",
        signingBehavior: "always",
        signingProtocol: "sigv4",
      });
      expect(origins[name]).toMatchObject({
        domainName: expect.stringContaining(".lambda-url."),
        originAccessControlId: `${control.name}-id`,
      });
      const permissions = all("aws:lambda/permission:Permission")
        .map((permission) => permission.inputs)
        .filter((permission) => permission.function === lambda(name).inputs.name);
      const byCdn = {
        function: `${stage}-t2m-${name}`,
        principal: "cloudfront.amazonaws.com",
        sourceArn: arn,
      };
      expect(permissions).toHaveLength(2);
      expect(permissions).toContainEqual({ ...byCdn, action: "lambda:InvokeFunctionUrl" });
      expect(permissions).toContainEqual({
        ...byCdn,
        action: "lambda:InvokeFunction",
        invokedViaFunctionUrl: true,
      });
    }
  });

  test("no private answer is cached, and all that asks reaches the API", () => {
    for (const behavior of behaviors) {
      expect(behavior).toMatchObject({
        cachePolicyId: cachingDisabled,
        originRequestPolicyId: allViewerExceptHost,
        responseHeadersPolicyId: "ApiHeaders-id",
      });
    }
    expect(
      where("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "name", `${stage}-t2m-api`).inputs,
    ).toMatchObject({
      customHeadersConfig: { items: [{ header: "cache-control", value: "no-store", override: false }] },
    });
    expect(behaviors.at(-1)).toMatchObject({
      allowedMethods: expect.arrayContaining(["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]),
    });
  });

  test("[A3.3] [A8.2] everything is HTTPS: from the browser, to the origins, and from the first visit on", () => {
    expect(inputs.defaultCacheBehavior).toMatchObject({ viewerProtocolPolicy: "redirect-to-https" });
    for (const behavior of behaviors) expect(behavior.viewerProtocolPolicy).toBe("https-only");
    for (const { originId, customOriginConfig } of Object.values(origins)) {
      if (originId === "site") continue;
      expect(customOriginConfig).toMatchObject({
        originProtocolPolicy: "https-only",
        originSslProtocols: ["TLSv1.2"],
      });
    }
    for (const policy of all("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")) {
      expect(policy.inputs.securityHeadersConfig).toMatchObject({
        strictTransportSecurity: {
          accessControlMaxAgeSec: 63_072_000,
          includeSubdomains: true,
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: "DENY" },
        referrerPolicy: { referrerPolicy: "no-referrer" },
      });
    }
  });

  test("the API's addresses lose their prefix; a stream's token goes beside the CDN's signature", () => {
    const [stream] = behaviors;
    const last = behaviors.at(-1);
    if (!stream || !last) throw new Error("There are no behaviours");
    expect(codeOf(stream)).toBe(streamRequest);
    expect(codeOf(last)).toBe(apiRequest);
  });

  test("a firewall stands before it where the stage pays for one", () => {
    const firewalls = all("aws:wafv2/webAcl:WebAcl");
    const isPaidFor = stage === "staging" || stage === "production";
    expect(firewalls).toHaveLength(isPaidFor ? 1 : 0);
    if (!isPaidFor) return expect(inputs.webAclId).toBeUndefined();
    expect(inputs.webAclId).toMatch(/:global\/webacl\//);
    expect(firewalls[0]?.inputs).toMatchObject({
      scope: "CLOUDFRONT",
      region: "us-east-1",
      defaultAction: { allow: {} },
    });
    const Rules = z.array(z.looseObject({ name: z.string(), action: z.optional(z.unknown()) }));
    const rules = Rules.parse(firewalls[0]?.inputs.rules);
    expect(rules.map(({ name }) => name)).toEqual([
      "RequestsPerAddress",
      "AWSManagedRulesAmazonIpReputationList",
      "AWSManagedRulesKnownBadInputsRuleSet",
      "AWSManagedRulesCommonRuleSet",
    ]);
    expect(rules[0]).toMatchObject({
      action: { block: {} },
      statement: { rateBasedStatement: { limit: 10_000, aggregateKeyType: "IP" } },
    });
  });

  test("[A3.4] the stage's own domain leads here, by a certificate for it, where there is one", () => {
    const records = all("aws:route53/record:Record").map((record) => record.inputs);
    if (stage !== "production") {
      expect(inputs.aliases).toEqual([]);
      return expect(records).toEqual([]);
    }
    expect(inputs).toMatchObject({
      aliases: ["t2m.example.org"],
      viewerCertificate: {
        acmCertificateArn: expect.stringContaining(":certificate/"),
        sslSupportMethod: "sni-only",
        minimumProtocolVersion: "TLSv1.2_2021",
      },
    });
    for (const type of ["A", "AAAA"]) {
      expect(records).toContainEqual(
        expect.objectContaining({
          type,
          name: "t2m.example.org",
          zoneId: "Z0123456789ABCDEFGHIJ",
          aliases: [expect.objectContaining({ name: "d0123456789abc.cloudfront.net" })],
        }),
      );
    }
    expect(synthesized(stage).outputs.url).toBe("https://t2m.example.org");
  });

  test("[A7.1] every request at the edge leaves a line, without its query", () => {
    const [source] = all("aws:cloudwatch/logDeliverySource:LogDeliverySource");
    expect(source?.inputs).toMatchObject({ logType: "ACCESS_LOGS", resourceArn: arn, region: "us-east-1" });
    const [delivery] = all("aws:cloudwatch/logDelivery:LogDelivery");
    expect(delivery?.inputs).toMatchObject({ deliverySourceName: source?.inputs.name });
    const fields = z.array(z.string()).parse(delivery?.inputs.recordFields);
    expect(fields).toEqual(expect.arrayContaining(["cs-uri-stem", "sc-status", "time-taken", "c-ip"]));
    expect(fields.filter((field) => /query|cookie|referer/i.test(field))).toEqual([]);
  });
});

/** Runs a function of the CDN's on a request. */
function passed(code: string, uri: string, headers: Record<string, string> = {}) {
  const handler = new Function(`${code}; return handler;`)() as (event: unknown) => {
    uri: string;
    headers: Record<string, { value: string }>;
  };
  const wrapped = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { value }]));
  return handler({ request: { uri, headers: wrapped } });
}

test.each([
  ["/api/jobs", "/jobs"],
  ["/api/uploads/1/parts%2F2", "/uploads/1/parts%2F2"],
  ["/api/api", "/api"],
  ["/api", "/"],
  ["/apis", "/apis"],
])("at the edge %s becomes the API's %s", (from, to) => {
  expect(passed(apiRequest, from).uri).toBe(to);
  expect(passed(streamRequest, from).uri).toBe(to);
});

test("a stream's bearer token is kept where the CDN's signature does not reach, and nothing is made up", () => {
  const given = passed(streamRequest, "/api/jobs/1/events", { authorization: "Bearer abc" });
  expect(given.headers["x-t2m-authorization"]).toEqual({ value: "Bearer abc" });
  expect(passed(streamRequest, "/api/jobs/1/events").headers).toEqual({});
});

test.each([
  ["/", "text/html", "/index.html"],
  ["/jobs/1", "text/html,*/*", "/index.html"],
  ["/docs", "text/html", "/docs/index.html"],
  ["/docs/", "text/html", "/docs/index.html"],
  ["/assets/main-ABC.js", "*/*", "/assets/main-ABC.js"],
  ["/assets/gone.js", "text/html", "/assets/gone.js"],
  ["/config.json", "*/*", "/config.json"],
  ["/jobs/1", "*/*", "/jobs/1"],
])("the page's %s (%s) is the file %s", (uri, accept, file) => {
  expect(passed(siteRequest(["/docs"]), uri, { accept }).uri).toBe(file);
});
