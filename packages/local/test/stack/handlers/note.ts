import { appendFileSync } from "node:fs";

/** Writes down that a function ran, for the test to read. */
export function note(seen: Record<string, unknown>): void {
  appendFileSync(process.env.OUTPUT ?? "", `${JSON.stringify(seen)}\n`);
}
