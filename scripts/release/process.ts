import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

type Options = { cwd?: string };

/** Runs a command with this process's own streams. Gives its exit code; 1 where it was killed. */
export async function run(command: string, args: string[], { cwd }: Options = {}): Promise<number> {
  const child = spawn(command, args, { stdio: "inherit", ...(cwd ? { cwd } : {}) });
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** Gives what a command prints. Throws where it ends with anything but 0. */
export async function capture(command: string, args: string[], { cwd }: Options = {}): Promise<string> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], ...(cwd ? { cwd } : {}) });
  const [printed, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    }),
  ]);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}`);
  return printed.trim();
}
