import { api, type Operation } from "@t2m/contract/api";
import type { Resource } from "../synthesized.ts";
import { type Control, is, property, valueAt } from "./control.ts";

const distribution = "aws:cloudfront/distribution:Distribution";
const trail = "aws:cloudtrail/trail:Trail";
const operations: Operation[] = Object.values(api);
const forEverybody = operations
  .filter(({ route }) => route.access !== "user")
  .map(({ route }) => `${route.method} ${route.path}`);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const originsOf = ({ inputs }: Resource) => list(inputs.origins);
const behaviorsOf = ({ inputs }: Resource) => [
  inputs.defaultCacheBehavior,
  ...list(inputs.orderedCacheBehaviors),
];
const custom = (resource: Resource) =>
  originsOf(resource).flatMap((origin) => valueAt(origin, "customOriginConfig") ?? []);
const inS3 = (resource: Resource) =>
  originsOf(resource).filter((origin) => /\.s3[.-]/.test(String(valueAt(origin, "domainName"))));
const ofDistribution = (id: string, path: string, promise: string, isGood: (value: unknown) => boolean) =>
  property(id, distribution, path, promise, isGood);

function each(
  id: string,
  promise: string,
  parts: (resource: Resource) => unknown[],
  isGood: (part: unknown, all: readonly Resource[]) => boolean,
): Control {
  const check: Control["check"] = (resource, all) =>
    parts(resource).every((part) => isGood(part, all)) ? undefined : "breaks it";
  return { id, promise, type: distribution, check };
}

/** Which events on objects the trail writes down, by its advanced selectors or its plain ones. */
function dataEvents(id: string, kind: "WriteOnly" | "ReadOnly"): Control {
  return {
    id,
    promise: `${kind} calls on objects are written down`,
    type: trail,
    check: ({ inputs }) => {
      const advanced = list(inputs.advancedEventSelectors).some((selector) => {
        const fields = JSON.stringify(valueAt(selector, "fieldSelectors"));
        const other = kind === "WriteOnly" ? '"true"' : '"false"';
        const limited = fields.includes('"readOnly"') && fields.includes(other);
        return fields.includes("AWS::S3::Object") && !limited;
      });
      const plain = list(inputs.eventSelectors).some(
        (selector) =>
          JSON.stringify(valueAt(selector, "dataResources")).includes("AWS::S3::Object") &&
          [undefined, "All", kind].includes(valueAt(selector, "readWriteType") as string | undefined),
      );
      return advanced || plain ? undefined : "leaves them out";
    },
  };
}

export const edgeControls: Control[] = [
  {
    id: "APIGateway.8",
    promise: "asks who calls, where the contract does not say that everybody may",
    type: "aws:apigatewayv2/route:Route",
    check: ({ inputs }) =>
      inputs.authorizationType !== "JWT" && !forEverybody.includes(String(inputs.routeKey))
        ? "asks nobody"
        : undefined,
  },
  property(
    "APIGateway.9",
    "aws:apigatewayv2/stage:Stage",
    "accessLogSettings.destinationArn",
    "every call leaves a line",
    Boolean,
  ),
  ofDistribution("CloudFront.1", "defaultRootObject", "its root is a page", Boolean),
  each("CloudFront.3", "over TLS only", behaviorsOf, (behavior) =>
    ["https-only", "redirect-to-https"].includes(String(valueAt(behavior, "viewerProtocolPolicy"))),
  ),
  ofDistribution(
    "CloudFront.4",
    "originGroups",
    "another origin stands in",
    (groups) => list(groups).length > 0,
  ),
  {
    id: "CloudFront.5",
    promise: "every call leaves a line",
    type: distribution,
    check: ({ inputs }, all) =>
      inputs.loggingConfig ||
      all.some(
        ({ type, inputs: source }) =>
          type === "aws:cloudwatch/logDeliverySource:LogDeliverySource" &&
          String(source.resourceArn).startsWith("arn:aws:cloudfront:"),
      )
        ? undefined
        : "nobody sees who called",
  },
  ofDistribution("CloudFront.6", "webAclId", "a firewall stands before it", Boolean),
  ofDistribution("CloudFront.7", "viewerCertificate.acmCertificateArn", "a certificate of its own", Boolean),
  ofDistribution("CloudFront.8", "viewerCertificate.sslSupportMethod", "by its name", is("sni-only")),
  each(
    "CloudFront.9",
    "asks its origins over TLS only",
    custom,
    (origin) => valueAt(origin, "originProtocolPolicy") === "https-only",
  ),
  each(
    "CloudFront.10",
    "and over a current one",
    custom,
    (origin) => list(valueAt(origin, "originSslProtocols")).join() === "TLSv1.2",
  ),
  each("CloudFront.12", "its buckets are there", inS3, (origin, all) =>
    all.some(
      ({ type, inputs }) =>
        type === "aws:s3/bucket:Bucket" &&
        String(valueAt(origin, "domainName")).startsWith(`${inputs.bucket}.`),
    ),
  ),
  each("CloudFront.13", "its buckets are open to it alone", inS3, (origin) =>
    Boolean(valueAt(origin, "originAccessControlId")),
  ),
  ofDistribution("CloudFront.15", "viewerCertificate.minimumProtocolVersion", "a current TLS", (version) =>
    /^TLSv1\.(2_20(19|21|25)|3_2025)$/.test(String(version)),
  ),
  property("CloudTrail.1", trail, "isMultiRegionTrail", "sees every region", is(true)),
  property("CloudTrail.2", trail, "kmsKeyId", "encrypted by a key of ours", Boolean),
  property("CloudTrail.4", trail, "enableLogFileValidation", "cannot be altered unseen", is(true)),
  property("CloudTrail.5", trail, "cloudWatchLogsGroupArn", "is seen at once", Boolean),
  dataEvents("S3.22", "WriteOnly"),
  dataEvents("S3.23", "ReadOnly"),
];
