// What AWS would answer: to questions (data sources), and as the outputs of a resource that it made.

export const account = "123456789012";

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
export function outputsOf(type: string, name: string, inputs: Properties, region: string): Properties {
  const own = String(inputs.name ?? inputs.bucket ?? inputs.layerName ?? name);
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
    "random:index/randomBytes:RandomBytes": { base64: "c3RhbmQtaW4=" },
  };
  return { name: own, ...inputs, ...added[type] };
}
