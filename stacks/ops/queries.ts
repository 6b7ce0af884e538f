import type { StageConfig } from "../config.ts";
import type { Functions } from "../functions.ts";
import type { Trail } from "./trail.ts";

type Deps = { functions: Functions; api: sst.aws.ApiGatewayV2; trail: Trail };

/** Questions that come up when something is wrong, saved in Logs Insights. */
export function createQueries(cfg: StageConfig, { functions, api, trail }: Deps) {
  const query = (name: string, logGroupNames: $util.Input<string>[], ...lines: string[]) =>
    new aws.cloudwatch.QueryDefinition(`${name.replaceAll(" ", "")}Query`, {
      name: `${cfg.stage}-t2m/${name}`,
      logGroupNames,
      queryString: lines.join("\n| "),
    });
  const all = Object.values(functions).map((fn) => $interpolate`/aws/lambda/${fn.name}`);
  const convert = [$interpolate`/aws/lambda/${functions.convert.name}`];
  const access = [api.nodes.logGroup.name];

  query(
    "Errors",
    all,
    'filter level = "ERROR"',
    "fields @timestamp, @log, message, requestId",
    "sort @timestamp desc",
    "limit 200",
  );
  query(
    "One job",
    all,
    "filter @message like /PUT THE ID HERE/",
    "fields @timestamp, @log, @message",
    "sort @timestamp",
  );
  query(
    "Conversions",
    convert,
    'filter message = "conversion step ended"',
    "stats count() as conversions, pct(milliseconds, 95) / 1000 as p95Seconds by preset, ending, code",
  );
  query(
    "Where the time goes",
    all,
    'filter type = "platform.report"',
    "stats sum(record.metrics.billedDurationMs) / 1000 as billedSeconds, max(record.metrics.maxMemoryUsedMB) as memoryMb, count() as runs by @log",
    "sort billedSeconds desc",
  );
  query(
    "Slow answers",
    access,
    "filter responseLatency > 1000",
    "fields @timestamp, routeKey, status, responseLatency, requestId",
    "sort responseLatency desc",
    "limit 100",
  );
  query(
    "Who was denied what",
    [trail.logGroup.name],
    "filter errorCode like /AccessDenied|UnauthorizedOperation/",
    "stats count() as times by userIdentity.arn, eventSource, eventName, errorCode",
    "sort times desc",
  );
}
