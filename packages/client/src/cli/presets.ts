import { presetIds, presets } from "@t2m/contract/presets";
import * as z from "zod/mini";
import type { Report } from "./report.ts";
import { presetOf } from "./request.ts";

/** Lists the presets, or the options of one. They are part of the contract, so nobody need be asked. */
export function showPresets(report: Report, name: string | undefined): void {
  if (name === undefined) {
    for (const id of presetIds) {
      const { title, description, kind, extension } = presets[id];
      report.result({ id, title, description, kind, extension }, `${id.padEnd(14)} ${title}. ${description}`);
    }
    return;
  }
  const { id, title, description, options } = presets[presetOf(name)];
  const { properties = {} } = z.toJSONSchema(options, { io: "input" });
  const lines = Object.entries(properties).map(
    ([option, schema]) => `  --option ${option}=${valuesOf(schema)}`,
  );
  report.result(
    { id, title, description, options: properties },
    [`${id}: ${description}`, ...lines].join("\n"),
  );
}

function valuesOf(schema: z.core.JSONSchema._JSONSchema): string {
  if (typeof schema === "boolean") return "…";
  const { enum: values, minimum, maximum, description = "", default: usual } = schema;
  const range = minimum !== undefined && maximum !== undefined ? `${minimum}…${maximum}` : "…";
  const shown = values ? values.join("|") : range;
  return `${shown}${usual === undefined ? "" : ` (${String(usual)})`}  ${description}`.trimEnd();
}
