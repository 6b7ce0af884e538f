import type { StageConfig } from "./config.ts";
import type { Functions } from "./functions.ts";
import { componentName } from "./lib/names.ts";
import { manifestOf } from "./manifest.ts";

/** What runs by the clock. What a run missed, the next one finds, so the scheduler itself retries nothing. */
export function createSchedules(cfg: StageConfig, deps: { functions: Functions; failures: sst.aws.Queue }) {
  for (const { function: name, everyMinutes } of manifestOf(cfg).schedules) {
    new sst.aws.CronV2(`${componentName(name)}Schedule`, {
      function: deps.functions[name].arn,
      schedule: `rate(${everyMinutes} ${everyMinutes === 1 ? "minute" : "minutes"})`,
      dlq: deps.failures.arn,
    });
  }
}
