import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Which process a pid is, as text that no later process with the same number shares; undefined where none
 * lives. Containers start counting anew, so a pid from yesterday's file is often somebody else today.
 */
export function identityOf(pid: number): string | undefined {
  if (process.platform !== "linux") return processStatus("lstart=", pid);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name stands in brackets and may hold anything; what follows it is fixed.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, startTicks] = [fields[0], fields[19]];
    if (state === "Z" || state === "X") return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${startTicks}`;
  } catch {
    return undefined;
  }
}

/** A living process's command line, or undefined. */
export function commandLineOf(pid: number): string | undefined {
  if (process.platform !== "linux") return processStatus("command=", pid);
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() || undefined;
  } catch {
    return undefined;
  }
}

/** The parent's pid, or undefined where the process has ended. */
export function parentOf(pid: number): number | undefined {
  if (process.platform !== "linux") return Number(processStatus("ppid=", pid)) || undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) || undefined;
  } catch {
    return undefined;
  }
}

function processStatus(column: string, pid: number): string | undefined {
  const answer = spawnSync("ps", ["-o", column, "-p", String(pid)], { encoding: "utf8" });
  return answer.stdout?.trim() || undefined;
}
