import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export type Found = { pid: number; parentPid: number; command: string };

/** The ffmpeg processes that work in a folder or below it, also where the folder is gone by now. */
export function ffmpegsIn(directory: string): Found[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        if (!readlinkSync(`/proc/${name}/cwd`).startsWith(directory)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ");
        const stat = readFileSync(`/proc/${name}/stat`, "latin1");
        const parentPid = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
        return /ff(mpeg|probe)/.test(command) ? [{ pid: Number(name), parentPid, command }] : [];
      } catch {
        // It ended while we looked.
        return [];
      }
    });
}
