import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

function run(script: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--check"], {
    cwd: root,
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

test("[VD.2] the diagram in docs/data.md is the schema's", () => {
  expect(run("scripts/er-diagram.ts")).toEqual({ status: 0, output: "" });
});

test("functions carry the very SQL that lies in packages/core/migrations", () => {
  expect(run("scripts/migrations.ts")).toEqual({ status: 0, output: "" });
});
