import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

// Here and not with the other checks, as it needs what the set-up of these tests installs.
test("every input of every resource is one that SST's and Pulumi's types know", { timeout: 120_000 }, () => {
  const { stdout, status } = spawnSync("node_modules/.bin/tsc", ["--noEmit", "-p", "stacks"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});
