import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AlreadyRunning, claimRun } from "../processes/run.ts";
import { stateDirectory } from "./paths.ts";
import { printError } from "./print.ts";

// Empties the development stack's state, and ends what a killed run left behind. Refuses while a stack runs.

try {
  const run = await claimRun(stateDirectory);
  for (const name of readdirSync(stateDirectory)) {
    // The claim itself; another stack may wait for it already.
    if (name !== "lock") rmSync(join(stateDirectory, name), { recursive: true, force: true });
  }
  run.close();
  console.log("Emptied .local/");
} catch (error) {
  printError(error);
  if (error instanceof AlreadyRunning) console.error("Stop it first (Ctrl-C), then reset.");
  process.exitCode = 1;
}
