import { runDev } from "../../src/cli/run-dev.ts";
import { runServe } from "../../src/cli/run-serve.ts";
import { readSettings } from "../../src/settings.ts";
import { manifest } from "./support.ts";

// `dev` or `serve` with small functions, as a process of its own that a test can kill.
const [, , command, home = "", port = "0"] = process.argv;
const directory = `${home}/state`;
const options = {
  manifest,
  hasPage: false,
  settings: readSettings({ PATH: process.env.PATH }),
  port: Number(port),
  environment: { OUTPUT: `${home}/seen.jsonl` },
  retryDelaysMs: [10, 20],
};
if (command === "serve") await runServe(directory, options);
else await runDev({ ...options, directory });
