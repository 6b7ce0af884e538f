// Writes docs/openapi.json from the contract; with --check only says whether it is up to date.
import { readFile, writeFile } from "node:fs/promises";
import { buildOpenApi } from "@t2m/contract/openapi";

const file = new URL("../docs/openapi.json", import.meta.url);
const wanted = `${JSON.stringify(buildOpenApi(), null, 2)}\n`;

if (!process.argv.includes("--check")) {
  await writeFile(file, wanted);
} else if ((await readFile(file, "utf8").catch(() => "")) !== wanted) {
  console.error("docs/openapi.json differs from the contract: run `pnpm openapi` and commit the result");
  process.exit(1);
}
