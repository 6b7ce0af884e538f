// The whole check, as `pnpm test` and CI run it: types, lint, unused exports, drift of generated files, tests.
// Arguments go on to vitest: `pnpm test packages/core`.
import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";

type Check = { name: string; command: string; args: string[] };

const still: Check[] = [
  { name: "types", command: "tsc", args: ["--noEmit"] },
  { name: "lint", command: "biome", args: ["check", "--error-on-warnings", "."] },
  { name: "unused exports", command: "knip", args: ["--no-progress"] },
  { name: "openapi", command: "node", args: ["scripts/openapi.ts", "--check"] },
];

/** Runs a command and gives its exit code; its output is shown whole, and only where it failed or `live`. */
async function run({ name, command, args }: Check, live = false): Promise<number> {
  const started = performance.now();
  const child = spawn(command, args, {
    stdio: ["ignore", live ? "inherit" : "pipe", live ? "inherit" : "pipe"],
  });
  const output: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 1));
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
  if (code !== 0) console.log(Buffer.concat(output).toString());
  return code;
}

const codes = [];
for (const check of still) codes.push(await run(check));
const tests = process.argv.slice(2);
codes.push(await run({ name: "tests", command: "vitest", args: ["run", ...tests] }, true));
if (tests.length === 0) {
  codes.push(
    await run({ name: "requirements", command: "node", args: ["scripts/requirements.ts", "--check"] }),
  );
}
process.exit(codes.some((code) => code !== 0) ? 1 : 0);
