import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BundledFunction, bundleFunctions, watchFunctions } from "../src/bundle.ts";

let sourceDirectory: string;
const functions = { small: { handler: "small" }, common: { handler: "common" } };

beforeAll(async () => {
  sourceDirectory = await mkdtemp(join(tmpdir(), "t2m-bundle-"));
  await writeFile(join(sourceDirectory, "small.ts"), `export const handler = async () => "one";`);
  await writeFile(join(sourceDirectory, "common.ts"), `export { handler } from "./old.cjs";`);
  await writeFile(
    join(sourceDirectory, "old.cjs"),
    `exports.handler = async () => require("node:crypto").createHash("md5").digest("hex");`,
  );
});
afterAll(() => rm(sourceDirectory, { recursive: true }));

async function call(bundled: BundledFunction | undefined): Promise<unknown> {
  // A changed file is another module.
  const { href } = pathToFileURL(bundled?.file ?? "");
  const module: { handler: () => Promise<unknown> } = await import(`${href}?${Math.random()}`);
  return module.handler();
}

test("every function is one minified file that runs; only one that needs `require` carries it", async () => {
  const outputDirectory = join(sourceDirectory, "out");

  const [small, common] = await bundleFunctions({ functions, sourceDirectory, outputDirectory });

  expect(small).toMatchObject({ name: "small", directory: join(outputDirectory, "small") });
  expect(await call(small)).toBe("one");
  expect(await call(common)).toBe("d41d8cd98f00b204e9800998ecf8427e");
  const text = await readFile(join(outputDirectory, "small/index.mjs"), "utf8");
  expect(text).not.toContain("require");
  expect(small?.sizeBytes).toBe(Buffer.byteLength(text));
});

test("a bundle that cannot be made says in which file and line", async () => {
  await writeFile(join(sourceDirectory, "broken.ts"), `import "./absent.ts";`);
  const options = { functions: { broken: { handler: "broken" } }, sourceDirectory };

  const attempt = bundleFunctions({ ...options, outputDirectory: join(sourceDirectory, "out") });

  await expect(attempt).rejects.toThrow(/broken\.ts:1:7.*absent\.ts/s);
});

test("while watching, a change rebuilds what it touches and nothing else", async () => {
  const builds: (string[] | string)[] = [];
  const outputDirectory = join(sourceDirectory, "watched");
  const watching = await watchFunctions({ functions, sourceDirectory, outputDirectory }, (outcome) => {
    builds.push("error" in outcome ? outcome.error.message : outcome.changed);
  });

  await expect.poll(() => builds, { timeout: 10_000 }).toEqual([["small", "common"]]);
  await writeFile(join(sourceDirectory, "small.ts"), `export const handler = async () => "two";`);
  await expect.poll(() => builds, { timeout: 10_000 }).toEqual([["small", "common"], ["small"]]);
  await writeFile(join(sourceDirectory, "small.ts"), "export const handler = async (;");
  await expect.poll(() => builds.length, { timeout: 10_000 }).toBe(3);
  await watching.stop();

  expect(builds[2]).toMatch(/small\.ts:1:/);
});
