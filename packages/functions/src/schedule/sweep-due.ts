import { sweepDue } from "@t2m/core/jobs/sweep";
import type { Context } from "aws-lambda";
import { telemetry } from "../adapter/telemetry.ts";

const { logger, publish } = telemetry("sweep-due");
/** For the items under way when time is up. */
const closingMs = 10_000;

export async function handler(_event: unknown, context: Context): Promise<void> {
  const until = Date.now() + context.getRemainingTimeInMillis() - closingMs;
  const { errors, ...counts } = await sweepDue({ until });
  for (const error of errors) logger.error("a due item could not be helped", error);
  publish("swept", { ...counts, sweepErrors: errors.length });
}
