import { styleText } from "node:util";
import * as z from "zod/mini";
import type { Log } from "../stack/log.ts";
import { withSources } from "./traces.ts";

type Style = Parameters<typeof styleText>[0];

/** Coloured where the output is a terminal and NO_COLOR is not set. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Addresses or facts under each other, in two columns. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${paint("dim", name.padEnd(width))}  ${value}`).join("\n");
}

const nameStyles = ["cyan", "magenta", "blue", "green", "yellow"] as const satisfies Style[];
const levelStyles = { info: "reset", warning: "yellow", error: "red" } as const satisfies Record<
  string,
  Style
>;
const nameWidth = 15;

/** Prints a line behind the name of the part that says it, each name in its own colour. */
export const printLog: Log = (part, line, level = "info") => {
  if (line.startsWith('{"_aws":')) return; // Metrics, for CloudWatch alone.
  const { text, style } = readable(line, levelStyles[level]);
  const letters = [...part].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0);
  const name = paint(nameStyles[letters % nameStyles.length] ?? "cyan", part.padEnd(nameWidth));
  for (const row of withSources(text).split("\n")) {
    if (row.trim()) console.log(`${name} ${style === "reset" ? row : paint(style, row)}`);
  }
};

const Structured = z.looseObject({
  level: z.optional(z.string()),
  message: z.string(),
  error: z.optional(z.looseObject({ stack: z.optional(z.string()) })),
});
/** What the logger says on every line. */
const constants = ["timestamp", "service", "sampling_rate", "xray_trace_id", "cold_start"];
const isConstant = (name: string) => constants.includes(name) || name.startsWith("function_");

/** A structured log line as a person reads it: its message, what else it tells, and an error's stack below. */
function readable(line: string, style: Style): { text: string; style: Style } {
  const parsed = Structured.safeParse(jsonOf(line));
  if (!parsed.success) return { text: line, style };
  const { level, message, error, ...rest } = parsed.data;
  const facts = Object.entries(rest)
    .filter(([name]) => !isConstant(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const isGrave = level === "ERROR" || level === "CRITICAL";
  return {
    text: [[message, ...facts].join(" "), ...(error?.stack ? [error.stack] : [])].join("\n"),
    style: isGrave ? "red" : level === "WARN" ? "yellow" : style,
  };
}

function jsonOf(line: string): unknown {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** An error as a person reads it: what we foresaw by its message alone, anything else with its stack. */
export function printError(error: unknown): void {
  const isForeseen = error instanceof Error && error.name !== "Error" && !(error instanceof TypeError);
  const text =
    error instanceof Error ? (isForeseen ? error.message : (error.stack ?? error.message)) : String(error);
  console.error(paint("red", text));
}
