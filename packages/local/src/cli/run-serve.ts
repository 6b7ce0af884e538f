import { finished } from "node:stream/promises";
import { ensureStack } from "./ensure.ts";

type Line = { url: string; startedByUs: boolean } | { error: string };

/**
 * A stack for another program, such as `t2m convert`, that starts this as a child process with pipes:
 *
 * - stdout: one line of JSON when the stack is ready, `{"url":"http://127.0.0.1:8260","startedByUs":true}`, or when it
 *   cannot be, `{"error":"…"}` with exit code 1;
 * - stderr: errors of functions, readable;
 * - the process ends when its stdin closes (or at SIGTERM, or Ctrl-C), and with it what it started. A stack that ran
 *   already stays, and one that others use meanwhile stays until they have ended.
 */
export async function runServe(...args: Parameters<typeof ensureStack>): Promise<void> {
  const say = (line: Line) => process.stdout.write(`${JSON.stringify(line)}\n`);
  // The lines of functions must not mix with the one that the parent reads.
  console.log = console.error;
  const starting = ensureStack(...args);
  const closed = Promise.race([
    finished(process.stdin.resume(), { writable: false }).catch(() => undefined),
    new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
    }),
  ]);
  void closed
    .then(() => starting)
    .then(({ stop }) => stop())
    .then(
      () => process.exit(0),
      () => process.exit(1),
    );
  try {
    const { url, startedByUs } = await starting;
    say({ url, startedByUs });
  } catch (error) {
    say({ error: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
    process.stdin.destroy();
  }
}
