import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundleFunctions } from "@t2m/functions/bundle";
import { placeholders } from "./environment.ts";
import { compare } from "./quiet.ts";
import type { Finding, Section } from "./report.ts";

const run = promisify(execFile);
const rounds = 15;
/** The two that a person's waiting depends on most. */
const hot = new Set(["get-job", "get-upload", "sign-parts"]);

/** What each handler weighs: kilobytes of its bundle, and a cold import against that of an empty handler. */
export async function measure(): Promise<Section> {
  const directory = await mkdtemp(join(tmpdir(), "t2m-bundles-"));
  try {
    const bundles = await bundleFunctions({ outputDirectory: directory });
    const empty = join(directory, "empty", "index.mjs");
    await mkdir(join(directory, "empty"));
    await writeFile(empty, "export const handler = async () => ({ statusCode: 200 });\n");
    const files = { empty, ...Object.fromEntries(bundles.map(({ name, file }) => [name, file])) };
    const variants = Object.fromEntries(
      Object.entries(files).map(([name, file]) => [name, () => importCold(file)]),
    );
    const times = await compare(rounds, variants);
    const base = times.empty?.medianMs ?? Number.NaN;
    const findings = bundles.flatMap(({ name, sizeBytes }): Finding[] => {
      const time = times[name];
      return [
        {
          what: `${name}: cold import ÷ empty handler`,
          value: (time?.medianMs ?? Number.NaN) / base,
          unit: "×",
          goal: { atMost: hot.has(name) ? 2 : 4 },
          note: `${(sizeBytes / 1024).toFixed(1)} KB, ${time?.kept} quiet runs`,
        },
      ];
    });
    const about = `Node starts, imports the bundle and ends; an empty handler takes ${base.toFixed(1)} ms.`;
    return { title: "Handler bundles", about, findings };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** What the runtime gives to functions that stream. */
const runtime = "globalThis.awslambda = { streamifyResponse: (handler) => handler };";

async function importCold(file: string): Promise<void> {
  await run(
    process.execPath,
    ["--input-type=module", "-e", `${runtime} await import(${JSON.stringify(file)})`],
    {
      env: { ...placeholders, PATH: process.env.PATH, AWS_LAMBDA_FUNCTION_NAME: "bench" },
    },
  );
}
