import {
  ConversionRequest,
  type ConversionRequestInput,
  type PresetId,
  parseOptions,
  presetIds,
  presets,
} from "@t2m/contract/presets";
import * as z from "zod/mini";
import { UsageError } from "./failures.ts";

/**
 * The conversion that `--to` and `--option` ask for. `--to` takes a preset or the extension of one.
 * Throws `UsageError` with what there is to choose from.
 */
export function conversionOf(to: string, options: readonly string[]): ConversionRequestInput {
  const preset = presetOf(to);
  const wanted = Object.fromEntries(options.map(optionOf));
  try {
    parseOptions(preset, wanted);
  } catch (error) {
    if (!(error instanceof z.core.$ZodError)) throw error;
    const problems = error.issues.map(({ path, message }) => [...path, message].join(" "));
    throw new UsageError(
      `${preset} does not take that: ${problems.join("; ")}. \`t2m presets ${preset}\` lists its options.`,
    );
  }
  return ConversionRequest.parse({ preset, options: wanted });
}

/** Throws `UsageError` where there is no such preset or extension. */
export function presetOf(to: string): PresetId {
  const name = to.replace(/^\./, "").toLowerCase();
  const byId = presetIds.find((id) => id === name);
  const found = byId ?? presetIds.find((id) => presets[id].extension === name);
  if (found) return found;
  throw new UsageError(`There is no preset "${to}". Choose one of ${presetIds.join(", ")}.`);
}

function optionOf(text: string): [string, unknown] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`--option takes name=value, not "${text}"`);
  const value = text.slice(at + 1);
  return [text.slice(0, at), value !== "" && Number.isFinite(Number(value)) ? Number(value) : value];
}
