import type { StageConfig } from "../config.ts";
import type { Security } from "../security.ts";

/** Services that have something to tell; `stacks/security.ts` lets each of them use the key. */
const tellers = ["cloudwatch", "budgets", "costalerts", "events", "events.rds", "backup"];

/** Where everything that is wrong is told, and by e-mail whoever has to know. */
export function createAlerts(cfg: StageConfig, { security }: { security: Security }): aws.sns.Topic {
  const { accountId } = aws.getCallerIdentityOutput({});
  const topic = new aws.sns.Topic("Alerts", {
    name: `${cfg.stage}-t2m-alerts`,
    kmsMasterKeyId: security.keys.logs.arn,
  });
  const tell = {
    actions: ["sns:Publish"],
    resources: [topic.arn],
    principals: [{ type: "Service", identifiers: tellers.map((service) => `${service}.amazonaws.com`) }],
    conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
  };
  const overTlsOnly = {
    effect: "Deny",
    actions: ["sns:Publish"],
    resources: [topic.arn],
    principals: [{ type: "*", identifiers: ["*"] }],
    conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
  };
  new aws.sns.TopicPolicy("AlertsPolicy", {
    arn: topic.arn,
    policy: aws.iam.getPolicyDocumentOutput({ statements: [tell, overTlsOnly] }).json,
  });
  if (cfg.alertEmail) {
    new aws.sns.TopicSubscription("AlertsByEmail", {
      topic: topic.arn,
      protocol: "email",
      endpoint: cfg.alertEmail,
    });
  }
  return topic;
}
