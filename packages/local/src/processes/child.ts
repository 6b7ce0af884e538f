import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import type { Run } from "./run.ts";

export type ChildOptions = {
  name: string;
  command: string;
  args: readonly string[];
  /** What runs the command, such as `unshare`; it must become the command and not start it. */
  before?: readonly string[];
  stopSignal: "SIGTERM" | "SIGINT";
  /** Where the child is written down, so that the next start finds it if this process is killed. */
  run?: Run;
  directory?: string;
  environment?: NodeJS.ProcessEnv;
  user?: { uid: number; gid: number };
  onLine?: (line: string) => void;
};

export type Child = {
  pid: number;
  /** Resolves when the process has ended, however it ended. */
  exited: Promise<void>;
  hasExited: () => boolean;
  /** Whether it has ended otherwise than by exit code 0. */
  failed: () => boolean;
  /** Its last lines of output, for an error message. */
  lastLines: () => string;
  /** Asks it to stop and kills it when it takes longer than a second. */
  stop: () => Promise<void>;
};

const keptLines = 20;
const patienceMs = 1_000;

/**
 * Starts a process that ends with us: the kernel signals it when this one dies, where that can be had, and the
 * run file names it for the next start. It has a process group of its own, so that Ctrl-C reaches us alone and
 * the order of stopping is ours.
 * @throws Error where the command cannot be started
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const [command = options.command, ...args] = [
    ...(options.before ?? []),
    // Inside of what comes before it: a new user namespace clears the death signal.
    ...deathSignal(options.stopSignal),
    options.command,
    ...options.args,
  ];
  const spawnOptions: SpawnOptions = { stdio: ["ignore", "pipe", "pipe"], detached: true, ...options.user };
  if (options.directory) spawnOptions.cwd = options.directory;
  if (options.environment) spawnOptions.env = options.environment;
  const child = spawn(command, args, spawnOptions);
  const started = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => (child.pid ? resolve(child.pid) : reject(new Error("no pid"))));
  });
  const lines = readLines(child, options.onLine);
  let hasExited = false;
  const exited = new Promise<void>((resolve) => {
    child.once("close", () => {
      hasExited = true;
      resolve();
    });
  });
  const pid = await started.catch((error: unknown) => {
    throw new Error(`${options.name} cannot be started: ${String(error)}`, { cause: error });
  });
  options.run?.remember({ name: options.name, pid, stopSignal: options.stopSignal });
  // Where the kernel does not signal it: at least when this process ends by its own will.
  const endWithUs = () => child.kill(options.stopSignal);
  process.once("exit", endWithUs);
  void exited.then(() => {
    process.off("exit", endWithUs);
    options.run?.forget(pid);
  });
  return {
    pid,
    exited,
    hasExited: () => hasExited,
    failed: () => hasExited && child.exitCode !== 0,
    lastLines: () => lines.join("\n"),
    stop: async () => {
      if (hasExited) return;
      child.kill(options.stopSignal);
      const late = setTimeout(() => child.kill("SIGKILL"), patienceMs);
      await exited;
      clearTimeout(late);
    },
  };
}

/** The last lines that a process writes, as they come. */
function readLines(child: ChildProcess, onLine: ChildOptions["onLine"]): readonly string[] {
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    if (!output) continue;
    createInterface({ input: output }).on("line", (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      onLine?.(line);
    });
  }
  return lines;
}

let hasDeathSignal: boolean | undefined;

/**
 * Makes the kernel signal a process when its parent dies: util-linux's setpriv asks for that and then becomes the
 * command, so the pid stays the same. Without it the run file alone has to do.
 */
function deathSignal(signal: string): readonly string[] {
  hasDeathSignal ??=
    process.platform === "linux" && spawnSync("setpriv", ["--pdeathsig", signal, "true"]).status === 0;
  return hasDeathSignal ? ["setpriv", "--pdeathsig", signal] : [];
}
