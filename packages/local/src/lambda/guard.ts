import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

/**
 * Stands in the environment of every process of this supervisor's sandboxes (in their log stream's name), also of
 * those that left their process group, as ffmpeg in a group of its own.
 */
export const supervisorMark = randomBytes(8).toString("hex");

// Reads `+ group` and `- group`. Its input ends with the supervisor, however that ends, and it kills what is left.
const script = `
groups=
while read -r verb group; do
  case $verb in
    +) groups="$groups $group" ;;
    -) kept=; for g in $groups; do [ "$g" = "$group" ] || kept="$kept $g"; done; groups=$kept ;;
  esac
done
for g in $groups; do kill -KILL -- "-$g"; done
for file in $(grep -lsaF "$0" /proc/[0-9]*/environ); do
  pid=\${file#/proc/}; kill -KILL "\${pid%/environ}"
done`;

let guard: ChildProcess | undefined;

function tell(line: string): void {
  if (!guard || guard.exitCode !== null) {
    // Its own session: Ctrl-C in the terminal must not end it before the supervisor.
    guard = spawn("/bin/sh", ["-c", script, supervisorMark], {
      detached: true,
      env: { PATH: "/usr/bin:/bin" },
      stdio: ["pipe", "ignore", "ignore"],
    });
    guard.on("error", () => undefined);
    guard.stdin?.on("error", () => undefined);
    guard.unref();
    const input = guard.stdin;
    if (input && "unref" in input && typeof input.unref === "function") input.unref();
  }
  guard.stdin?.write(`${line}\n`);
}

/** From here on the process group dies with this process, also when this one is killed. */
export function guardGroup(group: number): void {
  tell(`+ ${group}`);
}

/** Kills a sandbox's process group and everything else that carries its mark. */
export async function killGroup(group: number, mark: string): Promise<void> {
  signalGroup(group);
  tell(`- ${group}`);
  await killMarked(mark);
}

function signalGroup(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // Nobody is left in it.
  }
}

let sweep: { marks: string[]; done: Promise<void> } | undefined;

/** Many sandboxes end at once when a pool stops: they share one look at the process table. */
function killMarked(mark: string): Promise<void> {
  if (sweep) {
    sweep.marks.push(mark);
    return sweep.done;
  }
  const marks = [mark];
  const done = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    sweep = undefined;
    return killProcessesWith(marks);
  });
  sweep = { marks, done };
  return done;
}

/** Linux only: elsewhere the process group is all we can name. */
async function killProcessesWith(marks: readonly string[]): Promise<void> {
  const names = await readdir("/proc").catch(() => []);
  await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const environment = await readFile(`/proc/${name}/environ`, "latin1").catch(() => "");
        if (!marks.some((mark) => environment.includes(mark))) return;
        try {
          process.kill(Number(name), "SIGKILL");
        } catch {
          // It ended meanwhile.
        }
      }),
  );
}
