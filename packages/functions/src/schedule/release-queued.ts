import { freeLostPlaces } from "@t2m/core/batches/places";
import { releaseQueued } from "@t2m/core/batches/release";
import { isUnavailable } from "@t2m/core/errors";
import { sweepDeletions } from "@t2m/core/people/close";
import type { Context } from "aws-lambda";
import { telemetry } from "../adapter/telemetry.ts";

const { logger, publish } = telemetry("release-queued");
/** For the releases under way when time is up. */
const closingMs = 10_000;

/** Room that nobody made known, whatever was not started by who made room for it, and deletions of accounts that came to nothing. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  const until = Date.now() + context.getRemainingTimeInMillis() - closingMs;
  try {
    const placesFreed = await freeLostPlaces({ until });
    const { released, failed } = await releaseQueued({ until });
    const deletionsOrdered = await sweepDeletions();
    publish("released", { placesFreed, released, releasesFailed: failed, deletionsOrdered });
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    // The next run is a minute away; the breaker's own metric tells of the outage.
    logger.warn("the record is away; what waits in line waits", { error: String(error) });
  }
}
