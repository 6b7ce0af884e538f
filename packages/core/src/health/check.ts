import type { Health } from "@t2m/contract/service";
import { config } from "../config.ts";
import { getItem } from "../live/table.ts";
import { log } from "../log.ts";
import { touchBucket } from "../storage/objects.ts";

/**
 * How the service is. Shallow: it runs and is configured. Deep: the live plane's services answer, too. Reasons are
 * for the log; who asks learns only which service it is.
 */
export async function checkHealth(check: "shallow" | "deep"): Promise<Health> {
  const { stage } = config();
  if (check === "shallow") return { status: "ok", stage, services: [] };
  const services = await Promise.all([
    probe("live table", () => getItem({ pk: "health", sk: "health" })),
    probe("object store", () => touchBucket("uploads", "users/")),
  ]);
  const isOk = services.every(({ status }) => status === "ok");
  return { status: isOk ? "ok" : "degraded", stage, services };
}

async function probe(name: string, ask: () => Promise<unknown>): Promise<Health["services"][number]> {
  try {
    await ask();
    return { name, status: "ok" };
  } catch (error) {
    log("WARN", "service unavailable", { service: name, cause: String(error) });
    return { name, status: "unavailable", detail: "does not answer" };
  }
}
