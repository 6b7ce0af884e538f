import * as z from "zod/mini";

const Settings = z.record(z.string(), z.string());

/**
 * Takes what the stage's GitHub environment says, one variable of JSON (`T2M_SETTINGS`), into this process's
 * environment, so that a new setting needs no new line in a workflow. What is set already stays.
 */
export function takeSettings(): void {
  const settings = Settings.parse(JSON.parse(process.env.T2M_SETTINGS || "{}"));
  for (const [name, value] of Object.entries(settings)) {
    if (name.startsWith("T2M_") || name === "AWS_REGION") process.env[name] ??= value;
  }
}
