// `pnpm run doctor` looks at this machine, `--url` at a deployed API, and where T2M_STAGE is set at that configuration
// and its services. Every problem is listed at once; ends with 1 if there is one.
import { parseArgs } from "node:util";
import { ConfigError } from "@t2m/core/config";
import { stateDirectory } from "@t2m/local/cli/paths";
import { readSettings } from "@t2m/local/settings";
import { addressChecks, type Check, machineChecks, stageChecks } from "./doctor/checks.ts";

function chosenChecks(): Check[] {
  const { url } = parseArgs({ options: { url: { type: "string" } } }).values;
  if (url) return addressChecks(url);
  if (process.env.T2M_STAGE) return stageChecks(process.env);
  return machineChecks(readSettings(), stateDirectory);
}

async function examine({ name, look }: Check): Promise<boolean> {
  try {
    console.log(`ok    ${name.padEnd(14)} ${await look()}`);
    return true;
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [messageOf(error)];
    for (const problem of problems) console.log(`FAIL  ${name.padEnd(14)} ${problem}`);
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  const results: boolean[] = [];
  for (const check of chosenChecks()) results.push(await examine(check));
  const wrong = results.filter((isOk) => !isOk).length;
  console.log(wrong === 0 ? "\nAll is well." : `\n${wrong} of ${results.length} need attention.`);
  process.exitCode = wrong === 0 ? 0 : 1;
} catch (error) {
  console.error(messageOf(error));
  console.error("Usage: pnpm run doctor [--url <address of the API>]");
  process.exitCode = 2;
}
