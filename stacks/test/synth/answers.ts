// What AWS would answer: to questions (data sources), and as the outputs of a resource that it made.

export const account = "123456789012";

/** What the database is created with, so that tests can see where it goes. */
export const initialPassword = "the-password-of-the-first-minute";

export type Properties = Record<string, unknown>;
type Statement = {
  effect?: string;
  actions?: string[];
  resources?: string[];
  principals?: { type: string; identifiers: string[] }[];
  conditions?: { test: string; variable: string; values: string[] }[];
};

/** Throws for a question that nobody has answered here yet, so that nothing is silently undefined. */
export function answer(question: string, inputs: { statements?: Statement[] }, region: string): Properties {
  switch (question) {
    case "aws:index/getRegion:getRegion":
      return { id: region, name: region, region };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { id: account, accountId: account, arn: `arn:aws:iam::${account}:root` };
    case "aws:index/getPartition:getPartition":
      return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com" };
    case "aws:index/getAvailabilityZones:getAvailabilityZones":
      return { id: region, names: ["a", "b", "c"].map((zone) => `${region}${zone}`) };
    case "aws:route53/getZone:getZone":
      return { id: "Z0123456789ABCDEFGHIJ", name: "example.org" };
    case "aws:secretsmanager/getRandomPassword:getRandomPassword":
      return { id: region, randomPassword: initialPassword };
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      // SST leaves a policy out where `statements` is missing from the answer.
      return { statements: inputs.statements, json: policyDocument(inputs.statements ?? []) };
    default:
      throw new Error(`No answer to ${question}`);
  }
}

function policyDocument(statements: readonly Statement[]): string {
  const keyed = (pairs: [string, unknown][]) => Object.fromEntries(pairs);
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(({ effect, actions, resources, principals, conditions }) => ({
      Effect: effect ?? "Allow",
      ...(principals && { Principal: keyed(principals.map((each) => [each.type, each.identifiers])) }),
      ...(actions && { Action: actions }),
      ...(resources && { Resource: resources }),
      ...(conditions && {
        Condition: keyed(conditions.map((each) => [each.test, { [each.variable]: each.values }])),
      }),
    })),
  });
}

/** Inputs, and what AWS adds to them. */
export function outputsOf(type: string, name: string, inputs: Properties, stageRegion: string): Properties {
  const region = typeof inputs.region === "string" ? inputs.region : stageRegion;
  const own = String(inputs.name ?? inputs.bucket ?? inputs.layerName ?? inputs.identifier ?? name);
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
  const added: Record<string, Properties> = {
    "aws:s3/bucket:Bucket": { arn: `arn:aws:s3:::${own}` },
    "aws:dynamodb/table:Table": {
      arn: arn("dynamodb", `table/${own}`),
      streamArn: arn("dynamodb", `table/${own}/stream/2026-01-01T00:00:00.000`),
    },
    "aws:sqs/queue:Queue": {
      arn: arn("sqs", own),
      url: `https://sqs.${region}.amazonaws.com/${account}/${own}`,
    },
    "aws:lambda/function:Function": { arn: arn("lambda", `function:${own}`), version: "$LATEST" },
    "aws:lambda/layerVersion:LayerVersion": { arn: arn("lambda", `layer:${own}:1`) },
    "aws:lambda/functionUrl:FunctionUrl": { functionUrl: `https://${own}.lambda-url.${region}.on.aws/` },
    "aws:iam/role:Role": { arn: `arn:aws:iam::${account}:role/${own}` },
    "aws:cloudwatch/logGroup:LogGroup": { arn: arn("logs", `log-group:${own}`) },
    "aws:apigatewayv2/api:Api": {
      apiEndpoint: `https://${own}.execute-api.${region}.amazonaws.com`,
      executionArn: arn("execute-api", own),
    },
    "aws:kms/key:Key": { arn: arn("kms", `key/${name}`), keyId: name },
    "aws:secretsmanager/secret:Secret": { arn: arn("secretsmanager", `secret:${own}-AbCdEf`) },
    "aws:ec2/vpc:Vpc": { defaultNetworkAclId: "acl-default" },
    "aws:ec2/vpcEndpoint:VpcEndpoint": { prefixListId: `pl-${name}` },
    "aws:rds/instance:Instance": {
      arn: arn("rds", `db:${own}`),
      address: `${own}.abc.${region}.rds.amazonaws.com`,
      resourceId: `db-${name.toUpperCase()}`,
    },
    "aws:rds/proxy:Proxy": {
      arn: arn("rds", "db-proxy:prx-0123456789abcdef0"),
      endpoint: `${own}.proxy-abc.${region}.rds.amazonaws.com`,
    },
    "aws:backup/vault:Vault": { arn: arn("backup", `backup-vault:${own}`) },
    "aws:cloudfront/distribution:Distribution": {
      arn: `arn:aws:cloudfront::${account}:distribution/E0123456789ABC`,
      domainName: "d0123456789abc.cloudfront.net",
      hostedZoneId: "Z2FDTNDATAQYW2",
    },
    "aws:cloudfront/function:Function": { arn: `arn:aws:cloudfront::${account}:function/${own}` },
    "aws:acm/certificate:Certificate": {
      arn: arn("acm", "certificate/0123"),
      domainValidationOptions: [
        {
          domainName: inputs.domainName,
          resourceRecordName: `_0123.${String(inputs.domainName)}`,
          resourceRecordType: "CNAME",
          resourceRecordValue: "_4567.acm-validations.aws",
        },
      ],
    },
    "aws:wafv2/webAcl:WebAcl": { arn: arn("wafv2", `global/webacl/${own}/0123`) },
    "aws:sns/topic:Topic": { arn: arn("sns", own) },
    "aws:cloudwatch/metricAlarm:MetricAlarm": { arn: arn("cloudwatch", `alarm:${own}`) },
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": {
      arn: arn("logs", `delivery-destination:${own}`),
    },
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": { arn: `arn:aws:ce::${account}:anomalymonitor/${own}` },
    "random:index/randomBytes:RandomBytes": { base64: "c3RhbmQtaW4=" },
  };
  return { name: own, ...inputs, ...added[type] };
}
