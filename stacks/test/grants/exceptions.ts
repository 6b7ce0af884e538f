/** Rights that are used, but by no call to a service that a laptop has, so that no recording can show them. */
export const notOfCalls: readonly { actions: readonly string[]; reason: string }[] = [
  {
    actions: [
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "xray:PutTraceSegments",
      "xray:PutTelemetryRecords",
    ],
    reason: "Lambda writes logs and traces in the function's name.",
  },
  {
    actions: ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map(
      (verb) => `dynamodb:${verb}`,
    ),
    reason: "Lambda reads the stream in the function's name.",
  },
  { actions: ["sqs:SendMessage"], reason: "Lambda puts aside what failed in the function's name." },
  {
    actions: [
      "CreateNetworkInterface",
      "DeleteNetworkInterface",
      "AssignPrivateIpAddresses",
      "UnassignPrivateIpAddresses",
      "DescribeNetworkInterfaces",
      "DescribeSubnets",
    ].map((verb) => `ec2:${verb}`),
    reason: "Lambda puts the function into the network in its name.",
  },
  {
    actions: ["kms:Decrypt", "kms:GenerateDataKey"],
    reason: "S3, DynamoDB and Secrets Manager use the key in the function's name; nothing is encrypted here.",
  },
  { actions: ["rds-db:connect"], reason: "A laptop's Postgres asks for no token that IAM would check." },
  {
    actions: [
      ...["GetSecretValue", "DescribeSecret", "PutSecretValue", "UpdateSecretVersionStage"].map(
        (verb) => `secretsmanager:${verb}`,
      ),
      ...["rds:DescribeDBInstances", "rds:ModifyDBInstance"],
    ],
    reason:
      "A laptop has neither service. packages/core/test/secrets holds the rotation to just these calls.",
  },
];

/** Grants that the end-to-end tests do not get to use. */
export type Exception = {
  functions: readonly string[];
  action: string;
  /** What the resource's name holds. */
  resource: string;
  reason: string;
};

export const exceptions: readonly Exception[] = [];
