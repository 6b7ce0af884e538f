import { rotateAdmin } from "@t2m/core/secrets/rotate-admin";
import * as z from "zod/mini";
import { telemetry } from "../adapter/telemetry.ts";

const { logger } = telemetry("rotate-admin");

const Event = z.object({
  SecretId: z.string(),
  ClientRequestToken: z.string(),
  Step: z.enum(["createSecret", "setSecret", "testSecret", "finishSecret"]),
});

export async function handler(event: unknown): Promise<void> {
  const { SecretId: secretId, ClientRequestToken: token, Step: step } = Event.parse(event);
  await rotateAdmin({ secretId, token, step });
  logger.info("rotated", { secretId, step });
}
