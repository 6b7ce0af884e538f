import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as z from "zod/mini";
import { identityOf } from "./identity.ts";
import { until } from "./wait.ts";

const Process = z.object({
  name: z.string(),
  pid: z.number(),
  identity: z.string(),
  stopSignal: z.enum(["SIGTERM", "SIGINT"]),
});
const RunFile = z.object({
  pid: z.number(),
  identity: z.string(),
  url: z.optional(z.string()),
  children: z.array(Process),
});
type RunFile = z.infer<typeof RunFile>;

/** The claim on a state directory, and the file in it that says who runs there with which processes. */
export type Run = {
  /** What an earlier run left behind and this one ended, by name. */
  reaped: readonly string[];
  remember: (child: { name: string; pid: number; stopSignal: "SIGTERM" | "SIGINT" }) => void;
  forget: (pid: number) => void;
  /** Tells others where this stack answers; undefined hides it again. */
  publish: (url: string | undefined) => void;
  close: () => void;
};

/** Another stack runs in this directory. `url` is undefined while it is still starting. */
export class AlreadyRunning extends Error {
  pid: number | undefined;
  url: string | undefined;
  constructor(pid: number | undefined, url: string | undefined) {
    super(url ? `A stack runs here already: ${url} (process ${pid})` : "A stack is just starting here.");
    this.name = "AlreadyRunning";
    this.pid = pid;
    this.url = url;
  }
}

/**
 * Claims a directory for one stack, and ends what a killed run before it left behind. The claim is SQLite's lock
 * on a file: the kernel lets go of it with the process, so there are no stale ones and no races over them.
 * @throws AlreadyRunning
 */
export async function claimRun(directory: string): Promise<Run> {
  mkdirSync(directory, { recursive: true });
  const lock = lockOf(directory);
  if (!lock) {
    // The file may still be a killed run's, while its successor is just starting.
    const running = findRun(directory);
    throw new AlreadyRunning(running?.pid, running?.url);
  }
  const reaped = await reap(readRun(directory)?.children ?? []);
  const state: RunFile = { pid: process.pid, identity: identityOf(process.pid) ?? "", children: [] };
  const save = () => {
    const path = join(directory, "run.json");
    writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`);
    renameSync(`${path}.new`, path);
  };
  save();
  let closed = false;
  return {
    reaped,
    remember: (child) => {
      const identity = identityOf(child.pid);
      if (!identity) return;
      state.children.push({ ...child, identity });
      save();
    },
    forget: (pid) => {
      if (closed) return;
      state.children = state.children.filter((child) => child.pid !== pid);
      save();
    },
    publish: (url) => {
      if (url) state.url = url;
      else delete state.url;
      save();
    },
    close: () => {
      if (closed) return;
      closed = true;
      rmSync(join(directory, "run.json"), { force: true });
      lock.close();
    },
  };
}

/** Who runs in a directory now, or undefined. */
export function findRun(directory: string): { pid: number; url?: string | undefined } | undefined {
  const run = readRun(directory);
  return run && identityOf(run.pid) === run.identity ? { pid: run.pid, url: run.url } : undefined;
}

function readRun(directory: string): RunFile | undefined {
  try {
    return RunFile.parse(JSON.parse(readFileSync(join(directory, "run.json"), "utf8")));
  } catch {
    return undefined;
  }
}

function lockOf(directory: string): DatabaseSync | undefined {
  const database = new DatabaseSync(join(directory, "lock"));
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (by)");
    return database;
  } catch {
    database.close();
    return undefined;
  }
}

async function reap(children: RunFile["children"]): Promise<string[]> {
  const isAlive = (child: RunFile["children"][number]) => identityOf(child.pid) === child.identity;
  const left = children.filter(isAlive);
  await Promise.all(
    left.map(async (child) => {
      send(child.pid, child.stopSignal);
      const gone = () => !isAlive(child);
      await until(`${child.name} has not stopped`, 3_000, gone).catch(() => send(child.pid, "SIGKILL"));
      await until(`${child.name} (process ${child.pid}) cannot be killed`, 3_000, gone);
    }),
  );
  return left.map((child) => child.name);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between, which is what we want.
  }
}
