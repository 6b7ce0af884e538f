// The whole stack in a process of its own. Says where it is once it is ready; ends with its parent.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStack } from "@t2m/local/stack";

const directory = mkdtempSync(join(tmpdir(), "t2m-bench-stack-"));
const stack = await startStack({ directory, mode: "test" });
const { apiUrl, issuerUrl, environment } = stack;
process.send?.({ apiUrl, issuerUrl, environment, directory, readyMs: stack.readyMs });
process.once("disconnect", () => {
  void stack.stop().then(() => {
    rmSync(directory, { recursive: true, force: true });
    process.exit(0);
  });
});
