import { AlreadyRunning } from "../processes/run.ts";
import { emptyState } from "./empty.ts";
import { stateDirectory } from "./paths.ts";
import { printError } from "./print.ts";

// Forgets everything that the development stack has stored. Refuses while it runs.
try {
  await emptyState(stateDirectory);
  console.log("Emptied .local/");
} catch (error) {
  printError(error);
  if (error instanceof AlreadyRunning) console.error("Stop it first (Ctrl-C there), then reset.");
  process.exitCode = 1;
}
