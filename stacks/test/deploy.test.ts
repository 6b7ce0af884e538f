import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { StageError, stageConfig } from "../config.ts";
import { everyStage, synthesized } from "./synthesized.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(resolve(root, file), "utf8");
const pages = ["docs/deploy.md", "docs/runbooks/pipeline.md", "docs/runbooks/roll-back.md", "README.md"];

test("every command of ours that the pages name is there", () => {
  const { scripts } = JSON.parse(read("package.json"));
  const known = [...Object.keys(scripts), "install"];
  for (const page of pages) {
    const asked = [...read(page).matchAll(/pnpm(?:@12)? (?:run )?(?!@)([a-z][a-z0-9:]*)/g)].map(
      ([, name]) => name,
    );
    expect(asked.length, page).toBeGreaterThan(0);
    for (const name of asked) expect(known, page).toContain(name);
    // pnpm has a doctor of its own, which goes first.
    expect(read(page)).not.toMatch(/pnpm(?:@12)? doctor/);
  }
});

test("every setting that the pages name is one that a stage knows", () => {
  const known = read("stacks/config.ts");
  for (const page of pages) {
    const names = new Set(read(page).match(/\bT2M_[A-Z_]+\b/g));
    // Not the stage's, but the smoke run's.
    for (const name of names) if (!name.startsWith("T2M_SMOKE_")) expect(known, page).toContain(name);
  }
});

test("what an account must let run at once is as the page says", () => {
  const reserved = everyStage.map((stage) => {
    const functions = synthesized(stage).all("aws:lambda/function:Function");
    return functions.reduce((sum, { inputs }) => sum + Number(inputs.reservedConcurrentExecutions ?? 0), 0);
  });
  const [dev, qa, staging, production] = reserved;
  expect(staging).toBe(qa);
  expect(read("docs/deploy.md")).toContain(
    `sets ${dev} aside for converters and clocks (${qa} with a record, ${production} in production)`,
  );
});

test("the settings of the page make a stage, and production is told what it wants beside them", () => {
  const [, block = ""] = /<<SETTINGS\n([\s\S]*?)\nSETTINGS/.exec(read("docs/deploy.md")) ?? [];
  const settings = Object.fromEntries(block.split("\n").map((line) => line.split("=")));
  expect(stageConfig("dev", settings)).toMatchObject({ stage: "dev", database: undefined });
  expect(() => stageConfig("production", settings)).toThrow(StageError);
  const wanted = { T2M_RECORD: "on", T2M_REPLICA_REGION: "us-west-2" };
  expect(stageConfig("production", { ...settings, ...wanted })).toMatchObject({
    isProduction: true,
  });
});

test("every AWS name that the page asks for is one of the stage's", () => {
  const names = new Set([...read("docs/deploy.md").matchAll(/\bdev-t2m[\w-]*/g)].map(([name]) => name));
  // The page has a stage with a record in mind where it speaks of the database's first rotation.
  const known = JSON.stringify([synthesized("dev").resources, synthesized("qa").resources]);
  for (const name of names) expect(known.replaceAll("qa-t2m", "dev-t2m")).toContain(name);
});
