import { runDev } from "../../src/cli/run-dev.ts";
import { readSettings } from "../../src/settings.ts";
import { manifest } from "./support.ts";

// `dev` with small functions, as a process of its own that a test can kill.
const [, , directory = "", port = "0"] = process.argv;
await runDev({
  directory: `${directory}/state`,
  manifest,
  settings: readSettings({ PATH: process.env.PATH }),
  port: Number(port),
  environment: { OUTPUT: `${directory}/seen.jsonl` },
  retryDelaysMs: [10, 20],
});
