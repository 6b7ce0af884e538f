import { api as contract, type Operation } from "@t2m/contract/api";
import { http } from "@t2m/functions/manifest";
import type { StageConfig } from "./config.ts";
import { createFirewall } from "./edge/firewall.ts";
import { apiRequest, siteRequest, streamRequest } from "./edge/functions.ts";
import { createApiHeaders, createSiteHeaders } from "./edge/headers.ts";
import { createAccessLog } from "./edge/log.ts";
import type { Functions } from "./functions.ts";
import { componentName } from "./lib/names.ts";
import type { Storage } from "./storage.ts";
import type { Site } from "./web.ts";

type Deps = { api: sst.aws.ApiGatewayV2; functions: Functions; storage: Storage; site: Site };
type Behavior = aws.types.input.cloudfront.DistributionOrderedCacheBehavior;

/** AWS's own policies, the same in every account. */
const cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const allViewerExceptHost = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

const overHttps = {
  httpPort: 80,
  httpsPort: 443,
  originProtocolPolicy: "https-only",
  originSslProtocols: ["TLSv1.2"],
};

/** One origin for the browser: the page, the API below `/api`, and the operations that stream. */
export function createEdge(cfg: StageConfig, deps: Deps): sst.aws.Cdn {
  const streams = streamsOf(deps.functions);
  const firewall = cfg.hasFirewall ? createFirewall(cfg) : undefined;
  const domain = cfg.domain && { name: cfg.domain.name, dns: sst.aws.dns({ zone: cfg.domain.zoneId }) };
  const cdn = new sst.aws.Cdn("Cdn", {
    comment: `${cfg.stage}-t2m`,
    origins: [
      siteOrigin(cfg, deps.site),
      apiOrigin(deps.api),
      ...streams.map((each) => streamOrigin(cfg, each)),
    ],
    defaultRootObject: "index.html",
    defaultCacheBehavior: siteBehavior(cfg, deps),
    orderedCacheBehaviors: apiBehaviors(cfg, streams),
    ...(firewall ? { webAclArn: firewall.arn } : {}),
    ...(domain ? { domain } : {}),
    transform: { distribution: { httpVersion: "http2and3", isIpv6Enabled: true } },
  });
  for (const { name, fn } of streams) allowStream(name, fn, cdn);
  createAccessLog(cfg, cdn);
  return cdn;
}

type Stream = { name: string; fn: sst.aws.Function; pathPattern: string };

/** What streams goes past the HTTP API, which cannot. */
function streamsOf(functions: Functions): Stream[] {
  const operations: [string, Operation][] = Object.entries(contract);
  const answers: Record<string, keyof Functions> = http;
  return operations.flatMap(([operation, { route }]) => {
    const name = answers[operation];
    if (!route.stream || !name) return [];
    return [{ name, fn: functions[name], pathPattern: `/api${route.path.replace(/\{\w+\}/g, "*")}` }];
  });
}

function siteOrigin(cfg: StageConfig, site: Site) {
  return {
    originId: "site",
    domainName: site.domainName,
    originAccessControlId: createAccessControl(cfg, "site", "s3"),
  };
}

function apiOrigin(api: sst.aws.ApiGatewayV2) {
  return {
    originId: "api",
    domainName: hostOf(api.url),
    // As long as the API itself waits for its functions.
    customOriginConfig: { ...overHttps, originReadTimeout: 30 },
  };
}

function streamOrigin(cfg: StageConfig, { name, fn }: Stream) {
  return {
    originId: name,
    domainName: hostOf(fn.url),
    originAccessControlId: createAccessControl(cfg, name, "lambda"),
    // A stream is never silent for longer than ten seconds.
    customOriginConfig: { ...overHttps, originReadTimeout: 30 },
  };
}

const hostOf = (url: $util.Output<string>) => url.apply((address) => new URL(address).host);

function createAccessControl(cfg: StageConfig, name: string, type: "s3" | "lambda") {
  return new aws.cloudfront.OriginAccessControl(`${componentName(name)}AccessControl`, {
    name: `${cfg.stage}-t2m-${name}`,
    originAccessControlOriginType: type,
    signingBehavior: "always",
    signingProtocol: "sigv4",
  }).id;
}

/** Both are asked for: the one for the address, the other for the function behind it. */
function allowStream(name: string, fn: sst.aws.Function, cdn: sst.aws.Cdn) {
  const by = {
    function: fn.name,
    principal: "cloudfront.amazonaws.com",
    sourceArn: cdn.nodes.distribution.arn,
  };
  const component = componentName(name);
  new aws.lambda.Permission(`${component}UrlByCdn`, { ...by, action: "lambda:InvokeFunctionUrl" });
  new aws.lambda.Permission(`${component}ByCdn`, {
    ...by,
    action: "lambda:InvokeFunction",
    invokedViaFunctionUrl: true,
  });
}

function createFunction(cfg: StageConfig, name: string, code: string) {
  return new aws.cloudfront.Function(`Edge${componentName(name)}`, {
    name: `${cfg.stage}-t2m-${name}`,
    runtime: "cloudfront-js-2.0",
    publish: true,
    code,
  });
}

/** The first that fits a path is taken, so what streams comes before the rest of the API. */
function apiBehaviors(cfg: StageConfig, streams: readonly Stream[]): Behavior[] {
  const onApi = createFunction(cfg, "api", apiRequest);
  const onStream = createFunction(cfg, "stream", streamRequest);
  const common = {
    viewerProtocolPolicy: "https-only",
    cachePolicyId: cachingDisabled,
    originRequestPolicyId: allViewerExceptHost,
    responseHeadersPolicyId: createApiHeaders(cfg).id,
    cachedMethods: ["GET", "HEAD"],
  };
  return [
    ...streams.map(({ name, pathPattern }) => ({
      ...common,
      pathPattern,
      targetOriginId: name,
      // A body would have to be signed by whoever sends it.
      allowedMethods: ["GET", "HEAD", "OPTIONS"],
      // Compressing would hold events back.
      compress: false,
      functionAssociations: [{ eventType: "viewer-request", functionArn: onStream.arn }],
    })),
    {
      ...common,
      pathPattern: "/api/*",
      targetOriginId: "api",
      allowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
      compress: true,
      functionAssociations: [{ eventType: "viewer-request", functionArn: onApi.arn }],
    },
  ];
}

function siteBehavior(cfg: StageConfig, { site, storage }: Deps) {
  const request = createFunction(cfg, "site", siteRequest(site.pages));
  return {
    targetOriginId: "site",
    viewerProtocolPolicy: "redirect-to-https",
    allowedMethods: ["GET", "HEAD"],
    cachedMethods: ["GET", "HEAD"],
    compress: true,
    // Honours `no-cache`: a new page is there at once, and nothing has to be invalidated.
    cachePolicyId: cachingOptimized,
    responseHeadersPolicyId: createSiteHeaders(cfg, storage).id,
    functionAssociations: [{ eventType: "viewer-request", functionArn: request.arn }],
  };
}
