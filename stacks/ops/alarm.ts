import type { StageConfig } from "../config.ts";
import { componentName } from "../lib/names.ts";

export type Metric = {
  namespace: string;
  metricName: string;
  dimensions?: Record<string, $util.Input<string>>;
  /** `Sum`, `Maximum`, `p95` … */
  stat: string;
};
type Watch = {
  /** What it means, for whoever is woken; what to do is in docs/runbooks/alarms.md. */
  means: string;
  /** One metric, or several by id for `expression`. */
  metric: Metric | Record<string, Metric>;
  expression?: string;
  above?: number;
  below?: number;
  periodSeconds?: number;
  /** In how many periods, one after the other, it has to be so. */
  periods?: number;
};
export type CreateAlarm = (name: string, watch: Watch) => void;

export const minute = 60;

/** The only way to an alarm here, so that each tells somebody, when it begins and when it is over. */
export function alarmsTo(
  cfg: StageConfig,
  alerts: aws.sns.Topic,
  created: aws.cloudwatch.MetricAlarm[],
): CreateAlarm {
  return (name, watch) => {
    const { metric, expression, above, below, periodSeconds = 5 * minute, periods = 1 } = watch;
    const alarm = new aws.cloudwatch.MetricAlarm(`${componentName(name)}Alarm`, {
      name: `${cfg.stage}-t2m-${name}`,
      alarmDescription: `${watch.means} What to do: docs/runbooks/alarms.md.`,
      alarmActions: [alerts.arn],
      okActions: [alerts.arn],
      comparisonOperator: below === undefined ? "GreaterThanThreshold" : "LessThanThreshold",
      threshold: below ?? above ?? 0,
      evaluationPeriods: periods,
      datapointsToAlarm: periods,
      // Who does nothing has nothing wrong: a stage at rest is silent.
      treatMissingData: "notBreaching",
      ...(isSingle(metric)
        ? single(metric, periodSeconds)
        : several(metric, expression ?? "", periodSeconds)),
    });
    created.push(alarm);
  };
}

function isSingle(metric: Watch["metric"]): metric is Metric {
  return typeof metric.namespace === "string";
}

function single({ stat, ...metric }: Metric, period: number) {
  if (!stat.startsWith("p")) return { ...metric, statistic: stat, period };
  // Of a handful of calls a percentile says nothing.
  return { ...metric, extendedStatistic: stat, evaluateLowSampleCountPercentiles: "ignore", period };
}

function several(metrics: Record<string, Metric>, expression: string, period: number) {
  const parts = Object.entries(metrics).map(([id, metric]) => ({
    id,
    returnData: false,
    metric: { ...metric, period },
  }));
  return { metricQueries: [...parts, { id: "result", expression, label: "result", returnData: true }] };
}
