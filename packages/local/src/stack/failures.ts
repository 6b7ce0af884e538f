import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeJson } from "../processes/json-file.ts";
import type { Log } from "./log.ts";

/** The on-failure destination: what was given up after all retries, kept for a person to look at. */
export type Failures = {
  record: (name: string, failure: object) => void;
  /** All records, oldest first. */
  list: () => { function: string; failure: unknown }[];
};

/** Keeps each record in a JSON file of its own and says so in the log. */
export function openFailures(directory: string, log: Log): Failures {
  return {
    record: (name, failure) => {
      const time = new Date().toISOString().replaceAll(":", "-");
      const path = join(directory, `${time}-${randomUUID().slice(0, 8)}.json`);
      writeJson(path, { function: name, failure });
      log(name, `gave up after all its retries; the event is kept in ${path}`, "error");
    },
    list: () =>
      files(directory).map((file) => {
        const kept = readJson(join(directory, file));
        const isRecord = typeof kept === "object" && kept !== null && "function" in kept && "failure" in kept;
        return isRecord
          ? { function: String(kept.function), failure: kept.failure }
          : { function: "", failure: kept };
      }),
  };
}

function files(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
