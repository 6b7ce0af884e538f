import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(import.meta.resolve("@t2m/client/cli/main"));

export type Command = {
  process: ChildProcess;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; out: string; err: string }>;
};

/** Runs the `t2m` command in a folder, which also holds what it remembers. */
export function t2m(
  folder: string,
  stack: { url: string },
  token: string,
  parameters: readonly string[],
): Command {
  const child = spawn(process.execPath, [program, ...parameters], {
    cwd: folder,
    env: { PATH: process.env.PATH, XDG_STATE_HOME: folder, T2M_URL: stack.url, T2M_TOKEN: token },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (data) => {
    out += data;
  });
  child.stderr.on("data", (data) => {
    err += data;
  });
  const { promise, resolve } = Promise.withResolvers<Awaited<Command["ended"]>>();
  child.on("close", (code, signal) => resolve({ code, signal, out, err }));
  return { process: child, ended: promise };
}
