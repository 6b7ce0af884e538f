import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { config } from "@t2m/core/config";

/** Structured log lines and, from the same counts, metrics: a line of CloudWatch's embedded metric format. */
export function telemetry(serviceName: string) {
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ namespace: "t2m", serviceName });
  return {
    logger,
    /**
     * Logs the counts, and publishes each as a metric of its own, zeros beside what was done too. Where nothing was
     * done it says so at DEBUG and publishes nothing: CloudWatch charges by the hour for each metric that has data.
     */
    publish(message: string, counts: Readonly<Record<string, number>>): void {
      const isIdle = Object.values(counts).every((count) => count === 0);
      logger[isIdle ? "debug" : "info"](message, { counts });
      if (isIdle) return;
      for (const [name, count] of Object.entries(counts)) {
        const unit = name.endsWith("Bytes") ? MetricUnit.Bytes : MetricUnit.Count;
        metrics.addMetric(name, unit, count);
      }
      // Two stages in one account are told apart.
      metrics.addDimension("stage", config().stage);
      metrics.publishStoredMetrics();
    },
  };
}
