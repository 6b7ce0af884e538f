import { retire } from "@t2m/core/record/retention";
import type { Context } from "aws-lambda";
import { telemetry } from "../adapter/telemetry.ts";

const { publish } = telemetry("sweep-record");
/** For the transaction under way when time is up. */
const closingMs = 30_000;

export async function handler(_event: unknown, context: Context): Promise<void> {
  const until = Date.now() + context.getRemainingTimeInMillis() - closingMs;
  const { isComplete, ...counts } = await retire({ until });
  publish("retired", { ...counts, retentionBehind: isComplete ? 0 : 1 });
}
