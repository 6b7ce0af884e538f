import { finished } from "node:stream/promises";
import { ensureStack } from "./ensure.ts";
import { stateDirectory } from "./paths.ts";

// A stack for another program, such as `t2m convert`. It starts this as a child process with pipes and gets:
//   stdout  one line of JSON when the stack is ready: {"url":"http://127.0.0.1:8260","startedByUs":true}
//           or when it cannot be: {"error":"…"}, with exit code 1
//   stderr  errors of functions, readable
// The child ends when its stdin closes (or at SIGTERM, or Ctrl-C), and with it what it started; a stack that ran
// already stays.

function say(line: { url: string; startedByUs: boolean } | { error: string }): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

// The lines of functions must not mix with the one that the parent reads.
console.log = console.error;

const closed = Promise.race([
  finished(process.stdin.resume(), { writable: false }).catch(() => undefined),
  new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  }),
]);

const starting = ensureStack(stateDirectory);
// Nobody waits for a stack that is still starting.
void closed
  .then(() => starting.then(({ stop }) => stop()))
  .then(
    () => process.exit(0),
    () => process.exit(1),
  );
try {
  const { url, startedByUs } = await starting;
  say({ url, startedByUs });
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
