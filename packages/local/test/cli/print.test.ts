import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleFunctions } from "@t2m/functions/bundle";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { printLog } from "../../src/cli/print.ts";

const directory = mkdtempSync(join(tmpdir(), "t2m-print-"));
const printed = vi.spyOn(console, "log").mockImplementation(() => {});

afterEach(() => printed.mockClear());
afterAll(() => rmSync(directory, { recursive: true }));

const lines = () => printed.mock.calls.map(([line]) => String(line));

test("a structured line is printed behind its function's name: the message, then what else it tells", () => {
  printLog(
    "convert",
    '{"level":"INFO","message":"Converted","timestamp":"…","service":"t2m","jobId":"j1","seconds":2}',
  );
  printLog("convert", "not structured");

  expect(lines()).toEqual(["convert         Converted jobId=j1 seconds=2", "convert         not structured"]);
});

test("an error's stack is printed below its message and names the lines of the sources", async () => {
  const source =
    'const deep = () => {\n  throw new Error("broken");\n};\nexport const handler = () => deep();\n';
  writeFileSync(join(directory, "fails.ts"), source);
  const [bundled] = await bundleFunctions({
    functions: { fails: { handler: "fails" } },
    sourceDirectory: directory,
    outputDirectory: join(directory, "out"),
  });
  const module: { handler: () => void } = await import(pathToFileURL(bundled?.file ?? "").href);
  let stack = "";
  try {
    module.handler();
  } catch (error) {
    stack = error instanceof Error ? (error.stack ?? "") : "";
  }

  printLog("fails", JSON.stringify({ level: "ERROR", message: "Not handled", error: { stack } }));

  expect(lines()[0]).toBe("fails           Not handled");
  expect(lines()[1]).toBe("fails           Error: broken");
  expect(lines()[2]).toMatch(/^fails +at .*fails\.ts:2:9/);
});
