import type { StageConfig } from "../config.ts";

/** Who asked the CDN for what. CloudFront's logs are handed out in us-east-1 only. */
export function createAccessLog(cfg: StageConfig, cdn: sst.aws.Cdn) {
  const region = "us-east-1";
  const name = `${cfg.stage}-t2m-cdn`;
  const group = new aws.cloudwatch.LogGroup("CdnLog", {
    region,
    name: `/aws/vendedlogs/cdn/${name}`,
    retentionInDays: cfg.logRetentionDays,
  });
  const source = new aws.cloudwatch.LogDeliverySource("CdnLogSource", {
    region,
    name,
    logType: "ACCESS_LOGS",
    resourceArn: cdn.nodes.distribution.arn,
  });
  const destination = new aws.cloudwatch.LogDeliveryDestination("CdnLogDestination", {
    region,
    name,
    outputFormat: "json",
    deliveryDestinationConfiguration: { destinationResourceArn: group.arn },
  });
  new aws.cloudwatch.LogDelivery("CdnLogDelivery", {
    region,
    deliverySourceName: source.name,
    deliveryDestinationArn: destination.arn,
    // Without the query: presigned and sign-in addresses carry secrets in theirs.
    recordFields: [
      ...["date", "time", "x-edge-location", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status"],
      ...["sc-bytes", "time-taken", "x-edge-result-type", "x-edge-request-id", "cs(User-Agent)"],
    ],
  });
}
