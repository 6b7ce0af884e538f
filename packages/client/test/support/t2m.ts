import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export type Ended = { code: number | null; out: string; err: string };
export type Running = {
  pid: number;
  /** Sends Ctrl-C, as the terminal does. */
  interrupt(): void;
  /** Resolves when stderr has said it; rejects when the command ends before. */
  says(words: RegExp): Promise<void>;
  ended: Promise<Ended>;
};

/** Runs the command as a process of its own, with its state below `home`. */
export function t2m(
  home: string,
  parameters: readonly string[],
  environment: Record<string, string> = {},
): Running {
  const child = spawn(process.execPath, [program, ...parameters], {
    cwd: home,
    env: { ...environment, PATH: process.env.PATH, XDG_STATE_HOME: home },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  const listeners = new Set<() => void>();
  child.stdout.on("data", (data) => {
    out += data;
  });
  child.stderr.on("data", (data) => {
    err += data;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code) => resolve({ code, out, err }));
  });
  return {
    pid: child.pid ?? 0,
    interrupt: () => child.kill("SIGINT"),
    ended,
    says: (words) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (words.test(err)) resolve();
        };
        listeners.add(look);
        look();
        void ended.then(({ code }) =>
          reject(new Error(`ended with ${code} before it said ${words}: ${err}`)),
        );
      }),
  };
}
