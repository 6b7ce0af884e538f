import { parseAccountOrderKey } from "@t2m/contract/keys";
import { deleteAccount } from "@t2m/core/people/delete";
import type { S3Event } from "aws-lambda";
import { telemetry } from "../adapter/telemetry.ts";

const { logger } = telemetry("delete-account");

/** Deletes the account that an order names. Breaking off, it is begun again: by the event's retries, then by the sweep. */
export async function handler(event: S3Event): Promise<void> {
  for (const { s3 } of event.Records) {
    const key = decodeURIComponent(s3.object.key.replaceAll("+", " "));
    const userId = parseAccountOrderKey(key);
    if (!userId) throw new Error(`not an order to delete an account: ${key}`);
    await deleteAccount(userId);
    logger.info("account deleted", { userId });
  }
}
