import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  isBrokenCircuitError,
  retry,
  wrap,
} from "cockatiel";
import { config } from "../config.ts";
import { unavailable } from "../errors.ts";
import { log } from "../log.ts";
import { isAway, isRolledBack, isSlow } from "./failures.ts";

/** So many failures in a row, and nobody is sent there for a while: a proxy that recovers needs no crowd at its door. */
const failuresToOpen = 3;
const openMs = 2_000;
const tries = 3;

const breaker = circuitBreaker(
  handleWhen((error) => isAway(error) || isSlow(error)),
  {
    halfOpenAfter: openMs,
    breaker: new ConsecutiveBreaker(failuresToOpen),
  },
);
breaker.onStateChange((state) => publish(state));

/** The operation failed where it may have taken effect: it counts as a failure, and is not tried again. */
class Unrepeatable extends Error {
  override readonly name = "Unrepeatable";
}

/** With jitter: many sandboxes that failed together do not come back together. */
const again = retry(
  handleWhen((error) => !(error instanceof Unrepeatable) && (isAway(error) || isRolledBack(error))),
  { maxAttempts: tries - 1, backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 1_000 }) },
);
const guardedAgain = wrap(again, breaker);

/**
 * Runs an operation unless Postgres is known to be away; then who asks learns so at once, and every two seconds one
 * of them tries whether it is back. After a failure `isRepeatable` says whether the operation may be done again.
 * Throws `ApiError` service.unavailable.
 */
export async function guarded<T>(operation: () => Promise<T>, isRepeatable: () => boolean): Promise<T> {
  try {
    return await guardedAgain.execute(async () => {
      try {
        return await operation();
      } catch (error) {
        if (isRepeatable()) throw error;
        throw new Unrepeatable("not to be repeated", { cause: error });
      }
    });
  } catch (error) {
    const reason = error instanceof Unrepeatable ? error.cause : error;
    const mayPass = [isBrokenCircuitError, isAway, isSlow, isRolledBack].some((is) => is(reason));
    throw mayPass ? unavailable("record", reason) : reason;
  }
}

const stateNames = {
  [CircuitState.Closed]: "closed",
  [CircuitState.HalfOpen]: "half-open",
  [CircuitState.Open]: "open",
  [CircuitState.Isolated]: "open",
} as const;

/** A log line that CloudWatch reads as a metric (its embedded metric format): alarms and dashboards go by it. */
function publish(state: CircuitState): void {
  const isClosed = state === CircuitState.Closed;
  const name = "recordBreakerOpen";
  const metric = {
    Namespace: "t2m",
    Dimensions: [["service", "stage"]],
    Metrics: [{ Name: name, Unit: "Count" }],
  };
  log(isClosed ? "INFO" : "WARN", `the record's circuit breaker is ${stateNames[state]}`, {
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [metric] },
    service: "record",
    stage: config().stage,
    [name]: isClosed ? 0 : 1,
  });
}
