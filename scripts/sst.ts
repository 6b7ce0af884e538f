// `pnpm sst …`: SST as it is pinned here. It runs its configuration, and builds, by the `node` that it finds on the
// path, so ours goes first.
import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
const child = spawn(join(root, "stacks/node_modules/.bin/sst"), process.argv.slice(2), {
  stdio: "inherit",
  env: { DO_NOT_TRACK: "1", ...process.env, PATH: path },
});
// Ctrl-C reaches it as well: it ends what it has begun, and this waits for it.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.once("error", (error) => {
  console.error(`SST cannot be started (${error.message}): run \`npx -y pnpm@12 install\``);
  process.exit(1);
});
child.once("close", (code) => process.exit(code ?? 1));
