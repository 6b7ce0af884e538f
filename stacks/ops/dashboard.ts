import type { StageConfig } from "../config.ts";
import type { Database } from "../database.ts";
import { manifestOf } from "../manifest.ts";
import prices from "../prices.json" with { type: "json" };

type Names = {
  api: string;
  table: string;
  failures: string;
  cdn: string;
  alarms: string[];
  databases: string[];
  functions: Record<string, string>;
};
type Row = (string | Record<string, unknown>)[];
type Panel = { title: string; metrics: Row[]; stat?: string; region?: string; [option: string]: unknown };

type Deps = {
  api: sst.aws.ApiGatewayV2;
  functions: Record<string, sst.aws.Function>;
  table: sst.aws.Dynamo;
  failures: sst.aws.Queue;
  cdn: sst.aws.Cdn;
  alarms: aws.cloudwatch.MetricAlarm[];
  database: Database | undefined;
};

const widePanels = 24;
const height = 6;

/** One page that answers: is it well, and what does it cost? */
export function createDashboard(cfg: StageConfig, deps: Deps) {
  const { instance, replica } = deps.database ?? {};
  const names = $output({
    api: deps.api.nodes.api.id,
    table: deps.table.name,
    failures: deps.failures.nodes.queue.name,
    cdn: deps.cdn.nodes.distribution.id,
    alarms: deps.alarms.map(({ arn }) => arn),
    databases: [instance, replica].flatMap((one) => (one ? [one.identifier] : [])),
    functions: Object.fromEntries(Object.entries(deps.functions).map(([name, fn]) => [name, fn.name])),
  });
  new aws.cloudwatch.Dashboard("Dashboard", {
    dashboardName: `${cfg.stage}-t2m`,
    dashboardBody: names.apply((all) => JSON.stringify({ widgets: widgets(cfg, all) })),
  });
}

function widgets(cfg: StageConfig, names: Names) {
  const panels = [...health(names), ...work(cfg, names), ...stores(names), ...costs(cfg, names)];
  const alarms = {
    type: "alarm",
    ...{ x: 0, y: 0, width: widePanels, height: 4 },
    properties: { title: "Is it well?", alarms: names.alarms },
  };
  const rest = panels.map(({ region = cfg.region, ...panel }, index) => ({
    type: "metric",
    ...{ x: (index % 3) * 8, y: 4 + Math.floor(index / 3) * height, width: 8, height },
    properties: { view: "timeSeries", period: 300, ...panel, region },
  }));
  return [alarms, ...rest];
}

function health({ api, cdn }: Names): Panel[] {
  const call = ["ApiId", api];
  return [
    {
      title: "Calls, and those that went wrong",
      stat: "Sum",
      metrics: ["Count", "4xx", "5xx"].map((name) => ["AWS/ApiGateway", name, ...call]),
    },
    {
      title: "How long answers take (ms)",
      metrics: ["p50", "p95", "p99"].map((stat) => ["AWS/ApiGateway", "Latency", ...call, { stat }]),
    },
    {
      title: "At the edge",
      region: "us-east-1",
      metrics: [
        ["AWS/CloudFront", "Requests", "Region", "Global", "DistributionId", cdn, { stat: "Sum" }],
        ["AWS/CloudFront", "5xxErrorRate", "Region", "Global", "DistributionId", cdn, { yAxis: "right" }],
      ],
    },
  ];
}

function work(cfg: StageConfig, { functions, failures }: Names): Panel[] {
  const of = (name: string) => ["FunctionName", functions[name] ?? ""];
  const ours = ["service", "convert", "stage", cfg.stage];
  return [
    {
      title: "Conversions",
      stat: "Sum",
      metrics: ["conversionsEnded", "conversionsFailed"].map((name) => ["t2m", name, ...ours]),
    },
    {
      title: "How long conversions take, and wait to begin (ms)",
      metrics: [
        ["AWS/Lambda", "Duration", ...of("convert"), { stat: "p95" }],
        ["AWS/Lambda", "AsyncEventAge", ...of("convert"), { stat: "Maximum" }],
      ],
    },
    {
      title: "Running at once, and refused for it",
      metrics: [
        ["AWS/Lambda", "ConcurrentExecutions", ...of("convert"), { stat: "Maximum" }],
        ["AWS/Lambda", "Throttles", ...of("convert"), { stat: "Sum" }],
      ],
    },
    {
      title: "Errors by function",
      stat: "Sum",
      metrics: Object.keys(functions).map((name) => ["AWS/Lambda", "Errors", ...of(name), { label: name }]),
    },
    {
      title: "Behind the live table (ms)",
      stat: "Maximum",
      metrics: manifestOf(cfg).streamTriggers.map(({ function: name }) => [
        "AWS/Lambda",
        "IteratorAge",
        ...of(name),
      ]),
    },
    {
      title: "Events that nothing could save",
      stat: "Maximum",
      metrics: [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", failures]],
    },
  ];
}

function stores({ table, databases }: Names): Panel[] {
  const each = (metric: string) => databases.map((id) => ["AWS/RDS", metric, "DBInstanceIdentifier", id]);
  const rows = [
    {
      title: "The database's processor (%) and connections",
      metrics: [...each("CPUUtilization"), ...each("DatabaseConnections")],
    },
    { title: "The database's free storage (bytes)", metrics: each("FreeStorageSpace") },
  ];
  return [
    {
      title: "The live table",
      stat: "Sum",
      metrics: [
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "ReadThrottleEvents",
        "WriteThrottleEvents",
      ].map((name) => ["AWS/DynamoDB", name, "TableName", table]),
    },
    ...(databases.length > 0 ? rows : []),
  ];
}

/** Dollars a day, by use and list price; what AWS really asks for is beside it, for the whole account. */
function costs(cfg: StageConfig, { api, table, functions }: Names): Panel[] {
  const { usd } = prices;
  const entries = manifestOf(cfg).functions;
  const running = entries.map(([name], index): Row => {
    const metric = ["AWS/Lambda", "Duration", "FunctionName", functions[name] ?? ""];
    return [...metric, { id: `f${index}`, stat: "Sum", visible: false }];
  });
  const ofFunctions = entries.map(([, { memoryMb, layers }], index) => {
    const perGbSecond = layers ? usd.lambdaX86PerGbSecond.price : usd.lambdaArmPerGbSecond.price;
    return `FILL(f${index}, 0) * ${((memoryMb / 1024) * perGbSecond) / 1000}`;
  });
  const counted = (id: string, ...metric: string[]): Row => [...metric, { id, stat: "Sum", visible: false }];
  const sum = (label: string, expression: string): Row => [{ label, expression }];
  return [
    {
      title: "What use costs (USD a day, at list prices)",
      period: 24 * 3600,
      stacked: true,
      metrics: [
        ...running,
        counted("calls", "AWS/ApiGateway", "Count", "ApiId", api),
        counted("writes", "AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", table),
        counted("reads", "AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", table),
        sum("functions", ofFunctions.join(" + ")),
        sum("API", `calls * ${usd.apiPerMillionCalls.price / 1e6}`),
        sum(
          "live table",
          `writes * ${usd.tablePerMillionWrites.price / 1e6} + reads * ${usd.tablePerMillionReads.price / 1e6}`,
        ),
      ],
    },
    {
      title: "What the account owes this month, by service (USD)",
      region: "us-east-1",
      period: 6 * 3600,
      stat: "Maximum",
      metrics: [
        [
          {
            expression: `SEARCH('{AWS/Billing,Currency,ServiceName} MetricName="EstimatedCharges"', 'Maximum', 21600)`,
          },
        ],
      ],
    },
    {
      title: `What the account owes in all (USD; ${cfg.stage} may spend ${cfg.monthlyBudgetUsd})`,
      region: "us-east-1",
      period: 6 * 3600,
      stat: "Maximum",
      metrics: [["AWS/Billing", "EstimatedCharges", "Currency", "USD"]],
    },
  ];
}
