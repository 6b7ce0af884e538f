import type { StageConfig } from "../config.ts";

type Rule = aws.types.input.wafv2.WebAclRule;

/**
 * Requests of one address in five minutes. A page asks some 300 times, and once more for each part of an upload: a
 * gigabit's worth of the smallest parts is 4,500.
 */
const requestsPerAddress = 10_000;

/**
 * In a body these rules see a file's name or a brief: text that nothing of ours reads as markup, path or address, and
 * that people may write as they like. Bodies are checked by their shapes.
 */
const rulesForBodies = [
  "SizeRestrictions_BODY",
  "CrossSiteScripting_BODY",
  "GenericRFI_BODY",
  "GenericLFI_BODY",
  "EC2MetaDataSSRF_BODY",
];

/** AWS's own rules and a limit for each address, before anything of ours is asked. CloudFront's live in us-east-1. */
export function createFirewall(cfg: StageConfig) {
  const metricsOf = (metricName: string) => ({
    metricName,
    cloudwatchMetricsEnabled: true,
    sampledRequestsEnabled: true,
  });
  const managed = (name: string, priority: number, countedOnly: readonly string[] = []): Rule => ({
    name,
    priority,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: "AWS",
        name,
        ruleActionOverrides: countedOnly.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: metricsOf(name),
  });
  const limit: Rule = {
    name: "RequestsPerAddress",
    priority: 0,
    action: { block: {} },
    statement: { rateBasedStatement: { limit: requestsPerAddress, aggregateKeyType: "IP" } },
    visibilityConfig: metricsOf("RequestsPerAddress"),
  };
  return new aws.wafv2.WebAcl("Firewall", {
    region: "us-east-1",
    name: `${cfg.stage}-t2m`,
    scope: "CLOUDFRONT",
    defaultAction: { allow: {} },
    rules: [
      limit,
      managed("AWSManagedRulesAmazonIpReputationList", 1),
      managed("AWSManagedRulesKnownBadInputsRuleSet", 2),
      managed("AWSManagedRulesCommonRuleSet", 3, rulesForBodies),
    ],
    visibilityConfig: metricsOf(`${cfg.stage}-t2m`),
  });
}
