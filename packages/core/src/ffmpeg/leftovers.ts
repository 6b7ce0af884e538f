import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

const folder = "process-groups";

/** Puts a process group on record, with its leader's start: where another leads it now, the id was used again. */
export function recordGroup(workDirectory: string, groupId: number): string {
  const record = join(workDirectory, folder, String(groupId));
  mkdirSync(join(workDirectory, folder), { recursive: true });
  writeFileSync(record, startOf(groupId) ?? "");
  return record;
}

export function forgetGroup(record: string): void {
  rmSync(record, { force: true });
}

/**
 * Kills what earlier runs in this folder, and in the folders right below it, left behind, and empties it. To be called before the first
 * conversion of a sandbox: a Lambda that was stopped in the middle keeps its disk, and may keep its processes.
 * Answers the ids of the groups it killed.
 */
export async function reapLeftovers(workDirectory: string): Promise<number[]> {
  const killed = [workDirectory, ...contentsOf(workDirectory).map((name) => join(workDirectory, name))]
    .flatMap(recordsIn)
    .filter(([groupId, start]) => [start, undefined].includes(startOf(groupId)) && killGroup(groupId))
    .map(([groupId]) => groupId);
  for (const name of contentsOf(workDirectory)) {
    await rm(join(workDirectory, name), { recursive: true, force: true, maxRetries: 3 });
  }
  return killed;
}

/** False where no process of the group was left. */
export function killGroup(groupId: number): boolean {
  try {
    return process.kill(-groupId, "SIGKILL");
  } catch {
    return false;
  }
}

function recordsIn(workDirectory: string): [groupId: number, start: string][] {
  const records = join(workDirectory, folder);
  return contentsOf(records)
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map((name) => [Number(name), readFileSync(join(records, name), "utf8")]);
}

function contentsOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Field 22 of /proc/…/stat: ticks since boot at which the process started; undefined where it is gone. */
function startOf(processId: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
