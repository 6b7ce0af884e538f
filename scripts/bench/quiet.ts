import { readdirSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

const ticksPerSecond = 100; // USER_HZ, the same on every Linux that Node runs on
const busiestNeighbour = 0.12; // of one core; above it a ratio says more about the neighbour than about us

type Usage = { all: number; ours: number; steal: number };

/** CPU seconds used by the machine, and by this process with all its descendants, dead ones included. */
function usage(): Usage {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (
    readFileSync("/proc/stat", "utf8").split("\n")[0] ?? ""
  )
    .split(/\s+/)
    .map(Number);
  const processes = new Map<number, { parent: number; seconds: number }>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const fields = statOf(entry);
    if (!fields) continue;
    const [parent = 0] = fields.slice(1).map(Number);
    const ticks = fields.slice(11, 15).map(Number);
    processes.set(Number(entry), { parent, seconds: ticks.reduce((sum, n) => sum + n, 0) / ticksPerSecond });
  }
  const isOurs = (pid: number): boolean => {
    for (let at = pid; at > 1; at = processes.get(at)?.parent ?? 0) if (at === process.pid) return true;
    return false;
  };
  const ours = [...processes]
    .filter(([pid]) => isOurs(pid))
    .reduce((sum, [, { seconds }]) => sum + seconds, 0);
  return {
    all: (user + nice + system + irq + softirq) / ticksPerSecond,
    ours,
    steal: steal / ticksPerSecond,
  };
}

/** Fields of /proc/PID/stat from the third on (the state): the name before them may hold spaces. */
function statOf(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined; // it ended while we looked
  }
}

export type Measured = { medianMs: number; kept: number; noisy: number };

/**
 * Runs the variants in turn, `rounds` times, and gives each one's median wall time in ms over its quiet runs:
 * those in which other processes used less than 12 % of a core. Where no run was quiet, `kept` is 0 and the
 * median is of all runs.
 */
export async function compare<Name extends string>(
  rounds: number,
  variants: Record<Name, () => Promise<void>>,
): Promise<Record<Name, Measured>> {
  const names = Object.keys(variants) as Name[];
  const runs = new Map<Name, { ms: number; quiet: boolean }[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      runs.get(name)?.push(await watched(variants[name]));
    }
  }
  const result = {} as Record<Name, Measured>;
  for (const name of names) {
    const all = runs.get(name) ?? [];
    const quiet = all.filter((run) => run.quiet);
    const counted = (quiet.length > 0 ? quiet : all).map(({ ms }) => ms);
    result[name] = { medianMs: quantile(counted, 0.5), kept: quiet.length, noisy: all.length - quiet.length };
  }
  return result;
}

/** Runs something once and tells how long it took, and whether the machine was quiet meanwhile. */
export async function watched(run: () => Promise<void>): Promise<{ ms: number; quiet: boolean }> {
  const before = usage();
  const started = performance.now();
  await run();
  const ms = performance.now() - started;
  const after = usage();
  const others = after.all - before.all - (after.ours - before.ours) + (after.steal - before.steal);
  return { ms, quiet: others / (ms / 1000) < busiestNeighbour };
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}
