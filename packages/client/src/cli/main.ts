// The `t2m` command: `node main.ts convert song.wav --to mp3`.
import { CommanderError } from "commander";
import { readEnvironment } from "./environment.ts";
import { exitCodeOf, exitCodes, failureJson, Interrupted } from "./failures.ts";
import { createProgram } from "./program.ts";
import { createReport, type Report } from "./report.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    // Whoever insists does not want to wait for a clean end.
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    stop.abort(new Interrupted("interrupted"));
  });
}
// Nobody reads on, as in `t2m jobs | head`.
process.stdout.on("error", () => process.exit(exitCodes.ok));

let opened: Report | undefined;
const program = createProgram({
  environment: readEnvironment(),
  signal: stop.signal,
  report: () => {
    const { json = false, quiet = false } = program.opts<{ json?: boolean; quiet?: boolean }>();
    opened ??= createReport({ json, quiet });
    return opened;
  },
  exit: (code) => {
    process.exitCode = code;
  },
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = codeOf(error);
}
opened?.close();
// Connections that are kept alive must not keep the command alive.
process.exit();

function codeOf(error: unknown): number {
  // Commander has said what is wrong, or shown what was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  opened?.close();
  opened = undefined;
  if (!(error instanceof Interrupted)) {
    const { json = false } = program.opts<{ json?: boolean }>();
    if (json) process.stdout.write(`${JSON.stringify({ error: failureJson(error) })}\n`);
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  return exitCodeOf(error);
}
