// The whole stack in a process of its own; `postgres`: with the record. Says where it is once it is ready; ends with its parent.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStack } from "@t2m/local/stack";

const directory = mkdtempSync(join(tmpdir(), "t2m-bench-stack-"));
const hasPostgres = process.argv.includes("postgres");
const stack = await startStack({ directory, mode: "test", hasPostgres });
const { apiUrl, issuerUrl, environment, readyMs } = stack;
const databaseUrl = (await stack.database)?.url;
process.send?.({ apiUrl, issuerUrl, environment, directory, databaseUrl, readyMs });
process.once("disconnect", () => {
  void stack.stop().then(() => {
    rmSync(directory, { recursive: true, force: true });
    process.exit(0);
  });
});
