import { sweepOrphans } from "@t2m/core/cleanup/orphans";
import type { Context } from "aws-lambda";
import { telemetry } from "../adapter/telemetry.ts";

const { logger, publish } = telemetry("sweep-orphans");
/** For the page under way when time is up. */
const closingMs = 60_000;

export async function handler(_event: unknown, context: Context): Promise<void> {
  const until = Date.now() + context.getRemainingTimeInMillis() - closingMs;
  const { errors, isComplete, ...counts } = await sweepOrphans({ until });
  for (const error of errors) logger.error("an orphan could not be removed", error);
  publish("swept for orphans", { ...counts, orphanErrors: errors.length, orphansLeft: isComplete ? 0 : 1 });
}
