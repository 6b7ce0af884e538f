import type { StageConfig } from "../config.ts";
import type { Database } from "../database.ts";
import type { Functions } from "../functions.ts";
import { manifestOf } from "../manifest.ts";
import type { Tables } from "../tables.ts";
import { alarmsTo, type CreateAlarm, type Metric, minute } from "./alarm.ts";
import type { Trail } from "./trail.ts";

type Deps = {
  alerts: aws.sns.Topic;
  api: sst.aws.ApiGatewayV2;
  functions: Functions;
  tables: Tables;
  failures: sst.aws.Queue;
  trail: Trail;
  database: Database | undefined;
  vault: aws.backup.Vault;
};
const quarter = 15 * minute;

/** Everything that may go wrong unseen by whoever asked. */
export function createAlarms(cfg: StageConfig, deps: Deps) {
  const created: aws.cloudwatch.MetricAlarm[] = [];
  const alarm = alarmsTo(cfg, deps.alerts, created);
  watchApi(alarm, cfg, deps);
  watchConversion(alarm, cfg, deps);
  watchBackground(alarm, cfg, deps);
  if (deps.database) watchDatabase(alarm, cfg, deps.database);
  watchBackups(alarm, deps.vault);
  watchAccess(alarm, cfg, deps.trail);
  return created;
}

function watchApi(alarm: CreateAlarm, cfg: StageConfig, { api, functions, tables }: Deps) {
  const of = (metricName: string, stat: string): Metric => ({
    namespace: "AWS/ApiGateway",
    metricName,
    dimensions: { ApiId: api.nodes.api.id },
    stat,
  });
  alarm("api-errors", {
    means: "More than 2 % of the API's answers are its own errors.",
    metric: { errors: of("5xx", "Sum"), requests: of("Count", "Sum") },
    expression: "IF(errors >= 3, 100 * errors / requests, 0)",
    above: 2,
  });
  alarm("api-latency", {
    means: "One answer in twenty takes longer than a second.",
    metric: of("Latency", "p95"),
    above: 1000,
    periods: 3,
  });
  for (const [name, spec] of manifestOf(cfg).functions) {
    if (!spec.streaming) continue;
    alarm(`${name}-errors`, {
      means: "Streams of events break off with an error.",
      metric: ofFunction(functions, name, "Url5xxCount", "Sum"),
      above: 3,
    });
  }
  alarm("table-throttled", {
    means: "The live table refuses requests: more come in than it grew for.",
    metric: {
      reads: ofTable(tables, "ReadThrottleEvents"),
      writes: ofTable(tables, "WriteThrottleEvents"),
    },
    expression: "FILL(reads, 0) + FILL(writes, 0)",
    above: 10,
    periods: 2,
  });
}

function watchConversion(alarm: CreateAlarm, cfg: StageConfig, { functions }: Deps) {
  const ours = (metricName: string): Metric => ({
    namespace: "t2m",
    metricName,
    dimensions: { service: "convert", stage: cfg.stage },
    stat: "Sum",
  });
  alarm("conversions-fail", {
    means: "More than half of the conversions fail, which people's files alone do not explain.",
    metric: { failed: ours("conversionsFailed"), ended: ours("conversionsEnded") },
    expression: "IF(failed >= 5, 100 * failed / ended, 0)",
    above: 50,
    periodSeconds: quarter,
  });
  for (const name of new Set(manifestOf(cfg).objectTriggers.map((trigger) => trigger.function))) {
    alarm(`${name}-waits`, {
      means: "What is to be done waits for longer than five minutes before it begins.",
      metric: ofFunction(functions, name, "AsyncEventAge", "Maximum"),
      above: 5 * minute * 1000,
      periodSeconds: minute,
      periods: 3,
    });
    alarm(`${name}-throttled`, {
      means: "More is to be done than the account may run at once; the rest queues up.",
      metric: ofFunction(functions, name, "Throttles", "Sum"),
      above: 0,
      periodSeconds: minute,
      periods: 5,
    });
    alarm(`${name}-dropped`, {
      means: "Something to be done was given up before it began. The sweep gives it out again.",
      metric: ofFunction(functions, name, "AsyncEventsDropped", "Sum"),
      above: 0,
    });
  }
}

function watchBackground(alarm: CreateAlarm, cfg: StageConfig, { functions, failures }: Deps) {
  const { objectTriggers, streamTriggers, schedules } = manifestOf(cfg);
  for (const name of new Set([...objectTriggers, ...streamTriggers].map((trigger) => trigger.function))) {
    alarm(`${name}-errors`, {
      means: "It breaks off, again and again.",
      metric: ofFunction(functions, name, "Errors", "Sum"),
      above: 2,
      periodSeconds: quarter,
    });
  }
  for (const { function: name, everyMinutes } of schedules) {
    alarm(`${name}-errors`, {
      means: "It failed twice in a row.",
      metric: ofFunction(functions, name, "Errors", "Sum"),
      above: 0,
      periodSeconds: Math.max(5, everyMinutes) * minute,
      periods: 2,
    });
  }
  for (const { function: name } of streamTriggers) {
    alarm(`${name}-lags`, {
      means: "It is more than five minutes behind the live table; after a day records are lost.",
      metric: ofFunction(functions, name, "IteratorAge", "Maximum"),
      above: 5 * minute * 1000,
      periodSeconds: minute,
      periods: 5,
    });
  }
  const queue = (metricName: string): Metric => ({
    namespace: "AWS/SQS",
    metricName,
    dimensions: { QueueName: failures.nodes.queue.name },
    stat: "Maximum",
  });
  alarm("failures-arrived", {
    means: "An event that no retry could save lies in the failures queue.",
    metric: queue("ApproximateNumberOfMessagesVisible"),
    above: 0,
  });
  alarm("failures-old", {
    means: "An event lies in the failures queue for ten days; after fourteen it is gone.",
    metric: queue("ApproximateAgeOfOldestMessage"),
    above: 10 * 24 * 60 * minute,
  });
}

/** What RDS lets in by default: memory in bytes by 9,531,392, less what the system itself takes of it. */
const connectionsOf: Record<string, number> = { "db.t4g.micro": 80, "db.t4g.medium": 400 };
const gibibyte = 1024 ** 3;

function watchDatabase(alarm: CreateAlarm, cfg: StageConfig, { instance, replica }: Database) {
  const of = (metricName: string, stat: string, one = instance): Metric => ({
    namespace: "AWS/RDS",
    metricName,
    dimensions: { DBInstanceIdentifier: one.identifier },
    stat,
  });
  const instanceClass = cfg.database?.instanceClass ?? "";
  const connections = connectionsOf[instanceClass];
  if (!connections) throw new Error(`How many connections does ${instanceClass} take?`);
  alarm("database-cpu", {
    means: "The database has been computing at 80 % and more for a quarter of an hour.",
    metric: of("CPUUtilization", "Average"),
    above: 80,
    periods: 3,
  });
  alarm("database-connections", {
    means: "Four fifths of the connections that the database takes are in use.",
    metric: of("DatabaseConnections", "Maximum"),
    above: 0.8 * connections,
  });
  alarm("database-storage", {
    means: "Less than 2 GiB are free; storage grows by itself, but not past its limit.",
    metric: of("FreeStorageSpace", "Minimum"),
    below: 2 * gibibyte,
  });
  alarm("record-breaker", {
    means: "Functions have stopped asking the database, as it did not answer three times in a row.",
    metric: {
      namespace: "t2m",
      metricName: "recordBreakerOpen",
      dimensions: { service: "record", stage: cfg.stage },
      stat: "Maximum",
    },
    above: 0,
  });
  alarm("records-refused", {
    means: "Changes of the live table could not be recorded and were set aside for somebody to look at.",
    metric: {
      namespace: "t2m",
      metricName: "recordsRefused",
      dimensions: { service: "record", stage: cfg.stage },
      stat: "Sum",
    },
    above: 0,
  });
  if (!replica) return;
  alarm("database-replica-lags", {
    means: "What the replica tells is more than a minute old.",
    metric: of("ReplicaLag", "Maximum", replica),
    above: minute,
    periods: 3,
  });
}

/** A job counts at the vault that it writes to, a copy at the one that it is made from. */
function watchBackups(alarm: CreateAlarm, vault: aws.backup.Vault) {
  const jobs = (metricName: string): Metric => ({
    namespace: "AWS/Backup",
    metricName,
    dimensions: { BackupVaultName: vault.name },
    stat: "Sum",
  });
  alarm("backups-fail", {
    means: "A backup or its copy in the second region was not made, or did not begin in time.",
    metric: {
      failed: jobs("NumberOfBackupJobsFailed"),
      aborted: jobs("NumberOfBackupJobsAborted"),
      expired: jobs("NumberOfBackupJobsExpired"),
      copies: jobs("NumberOfCopyJobsFailed"),
    },
    // Of several that are mostly silent, the one that speaks counts.
    expression: "MAX([failed, aborted, expired, copies])",
    above: 0,
    periodSeconds: quarter,
  });
}

function watchAccess(alarm: CreateAlarm, cfg: StageConfig, { logGroup }: Trail) {
  const metric = { namespace: "t2m", name: `${cfg.stage}-access-denied` };
  new aws.cloudwatch.LogMetricFilter("AccessDenied", {
    name: `${cfg.stage}-t2m-access-denied`,
    logGroupName: logGroup.name,
    pattern: '{ ($.errorCode = "*AccessDenied*") || ($.errorCode = "*UnauthorizedOperation") }',
    metricTransformation: { ...metric, value: "1" },
  });
  alarm("access-denied", {
    means: "Somebody, or one of our functions, asks AWS again and again for what it may not have.",
    metric: { namespace: metric.namespace, metricName: metric.name, stat: "Sum" },
    above: 10,
  });
}

function ofFunction(functions: Functions, name: keyof Functions, metricName: string, stat: string): Metric {
  return { namespace: "AWS/Lambda", metricName, dimensions: { FunctionName: functions[name].name }, stat };
}

function ofTable(tables: Tables, metricName: string): Metric {
  return { namespace: "AWS/DynamoDB", metricName, dimensions: { TableName: tables.live.name }, stat: "Sum" };
}
