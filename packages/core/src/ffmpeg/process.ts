import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { forgetGroup, killGroup, recordGroup } from "./leftovers.ts";

/** What the kernel itself holds the process to. Absent means unlimited. */
export type ProcessLimits = {
  /** Address space, so rather more than what it will really use. */
  memoryBytes?: number | undefined;
  cpuSeconds?: number | undefined;
};

export type ProcessRequest = {
  command: string;
  args: readonly string[];
  /** Where the process works and where its group is on record for `reapLeftovers`. */
  workDirectory: string;
  signal: AbortSignal;
  limits: ProcessLimits;
  onStdout?: (chunk: Buffer) => void;
  /** Called with each full line on file descriptor 4, where `-progress pipe:4` writes. */
  onProgressLine?: (line: string) => void;
};

export type ProcessResult = {
  /** 128 + n where signal n ended it. */
  exitCode: number;
  /** The last lines it wrote to stderr. */
  log: string;
};

const keptLogBytes = 16 * 1024;

/** A static ffprobe crashes when it loads the system's converters of character sets, as for a broadcast's name. */
const noFolder = "/nonexistent";

/**
 * `sh` sets the limits and runs the program in the background; a second child waits for the end of descriptor 3.
 * That pipe ends when the Node process is gone, however it died, and then the whole group is killed. (prlimit and
 * setpriv would do both, but a Lambda has neither.)
 */
const wrapper = `
ulimit -c 0
[ -n "$1" ] && ulimit -v "$1"
[ -n "$2" ] && ulimit -t "$2"
shift 2
"$@" 3<&- </dev/null &
program=$!
{ read -r _ <&3; kill -KILL 0; } >/dev/null 2>&1 4>&- &
watcher=$!
wait $program
code=$?
{ kill -KILL $watcher; wait $watcher; } 2>/dev/null
exit $code`;

/**
 * Runs a program in a process group of its own, without stdin, under limits.
 * Rejects with the signal's reason when aborted, after the whole group is dead; with an Error when the program
 * cannot be started. An exit code other than 0 is a result.
 */
export async function runProcess(request: ProcessRequest): Promise<ProcessResult> {
  request.signal.throwIfAborted();
  const { memoryBytes, cpuSeconds } = request.limits;
  const limits = [
    memoryBytes === undefined ? "" : String(Math.ceil(memoryBytes / 1024)),
    cpuSeconds === undefined ? "" : String(Math.ceil(cpuSeconds)),
  ];
  const child = spawn("/bin/sh", ["-c", wrapper, "sh", ...limits, request.command, ...request.args], {
    cwd: request.workDirectory,
    detached: true,
    // Nothing of our environment is ffmpeg's business: it may hold credentials.
    env: { LC_ALL: "C", GCONV_PATH: noFolder },
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
  });
  const record = child.pid === undefined ? undefined : recordGroup(request.workDirectory, child.pid);
  const kill = () => child.pid !== undefined && killGroup(child.pid);
  request.signal.addEventListener("abort", kill, { once: true });
  const log = lastBytes(child.stderr, keptLogBytes);
  child.stdout?.on("data", (chunk: Buffer) => request.onStdout?.(chunk));
  if (isReadable(child.stdio[4])) readLines(child.stdio[4], (line) => request.onProgressLine?.(line));
  try {
    const [exitCode]: unknown[] = await once(child, "close");
    request.signal.throwIfAborted();
    return { exitCode: typeof exitCode === "number" ? exitCode : 137, log: log() };
  } finally {
    request.signal.removeEventListener("abort", kill);
    if (record) forgetGroup(record);
  }
}

const isReadable = (stream: unknown): stream is Readable =>
  typeof stream === "object" && stream !== null && "setEncoding" in stream;

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
}

/** Keeps the end of a stream and nothing before it. */
function lastBytes(stream: Readable | null, limitBytes: number): () => string {
  let kept = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (chunk: string) => {
    kept = (kept + chunk).slice(-limitBytes);
  });
  return () => kept.trimEnd();
}
