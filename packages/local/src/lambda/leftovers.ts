import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Folders of supervisors that were killed stay behind; each is named by its process. */
export function removeLeftovers(directory: string): void {
  let owners: string[] = [];
  try {
    owners = readdirSync(directory);
  } catch {
    return;
  }
  for (const owner of owners) {
    if (!isAlive(Number(owner))) rmSync(join(directory, owner), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
