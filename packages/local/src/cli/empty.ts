import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { claimRun } from "../processes/run.ts";

/**
 * Empties a stack's state directory, and ends what a killed run left behind.
 * @throws AlreadyRunning where a stack runs in it
 */
export async function emptyState(directory: string): Promise<void> {
  const run = await claimRun(directory);
  for (const name of readdirSync(directory)) {
    // The claim itself: another stack may wait for it already.
    if (name !== "lock") rmSync(join(directory, name), { recursive: true, force: true });
  }
  run.close();
}
