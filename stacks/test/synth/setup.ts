import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { build, type Plugin } from "esbuild";
import type { TestProject } from "vitest/node";
import { stages } from "./stages.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of what was synthesized, `<stage>.json` each. */
    synthesized: string;
  }
}

const root = resolve(import.meta.dirname, "../../..");
const platform = join(root, ".sst/platform");
const sst = join(root, "stacks/node_modules/.bin/sst");

/**
 * No account, no telemetry, no other download than SST's own packages; and an npm that gives up while somebody is
 * still looking, where there is no network.
 */
const quiet = {
  npm_config_fetch_timeout: "60000",
  npm_config_fetch_retries: "1",
  SST_SKIP_DEPENDENCY_CHECK: "1",
  SST_NO_BUN: "1",
  SST_STAGE: "dev",
  DO_NOT_TRACK: "1",
  AWS_EC2_METADATA_DISABLED: "true",
};
/** Synthesizes the stages for all tests at once: Pulumi keeps its state in the process, so each has its own. */
export default async function setup(project: TestProject) {
  if (!(await isPlatformReady())) await run(sst, ["install"], { ...process.env, ...quiet });
  // Here rather than in each stage, which would build the same at the same time.
  await run(process.execPath, ["scripts/layer.ts"], process.env);
  const folder = join(root, ".local/synth", await digestOfInputs());
  if (!existsSync(folder)) await synthesize(folder);
  project.provide("synthesized", folder);
}

/** Into a folder that is there only once it is whole. */
async function synthesize(folder: string) {
  await mkdir(dirname(folder), { recursive: true });
  await removeOld(dirname(folder));
  const partial = await mkdtemp(`${folder}-`);
  const program = join(platform, `synth.${process.pid}.mjs`);
  await bundle(program);
  try {
    await Promise.all(
      Object.entries(stages).map(([stage, variables]) => {
        const args = [program, stage, join(partial, `${stage}.json`), join(partial, stage)];
        // Nothing of the developer's own settings: a stage here is what its variables say.
        return run(process.execPath, args, { PATH: process.env.PATH, HOME: process.env.HOME, ...variables });
      }),
    );
  } finally {
    await rm(program, { force: true });
  }
  await rename(partial, folder).catch(async (error: unknown) => {
    if (!existsSync(folder)) throw error;
    // Another run of tests was faster.
    await rm(partial, { recursive: true, force: true });
  });
}

/** What other inputs led to. Not at once: another run of tests may still read it. */
async function removeOld(cache: string) {
  for (const name of await readdir(cache)) {
    const { mtimeMs } = await stat(join(cache, name));
    if (Date.now() - mtimeMs > 3_600_000) await rm(join(cache, name), { recursive: true, force: true });
  }
}

/** Everything that a stage is made from. */
async function digestOfInputs(): Promise<string> {
  const files = globSync(
    [
      "sst.config.ts",
      "pnpm-lock.yaml",
      "packages/{contract,core,functions,client,web}/{src/**,*}",
      "scripts/{bundle.ts,layer.ts,layer.json}",
      "stacks/*.{ts,json}",
      "stacks/{lib,edge,ops,test/synth}/**",
    ],
    { cwd: root, exclude: ({ name }) => name === "node_modules", withFileTypes: true },
  ).filter((entry) => entry.isFile());
  const digest = createHash("sha256").update(process.version);
  for (const path of files.map((file) => join(file.parentPath, file.name)).sort()) {
    digest.update(path.slice(root.length)).update(await readFile(path));
  }
  return digest.digest("hex").slice(0, 16);
}

async function isPlatformReady(): Promise<boolean> {
  // Written last: without it an installation was interrupted.
  if (!existsSync(join(root, ".sst/provider-lock.json"))) return false;
  const installed = await readFile(join(platform, "version"), "utf8").catch(() => "");
  const wanted = JSON.parse(await readFile(join(root, "stacks/node_modules/sst/package.json"), "utf8"));
  return installed.trim() === wanted.version;
}

/** As SST bundles its configuration: `aws` and `sst` are imported into each file, `$app` and the like are globals. */
async function bundle(outfile: string) {
  const imports = `import * as aws from "@pulumi/aws";import * as sst from "${platform}/src/components";`;
  const globals: Plugin = {
    name: "globals",
    setup: ({ onLoad }) => {
      onLoad({ filter: /\/stacks\/[^.]*\.ts$|sst\.config\.ts$/ }, async ({ path }) => {
        if (path.includes("/stacks/test/")) return undefined;
        return { contents: imports + (await readFile(path, "utf8")), loader: "ts" };
      });
    },
  };
  await build({
    entryPoints: [join(import.meta.dirname, "program.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    nodePaths: [join(platform, "node_modules")],
    alias: { "sst:run": join(platform, "src/auto/run.ts") },
    inject: [join(platform, "src/shim/run.js")],
    define: { $app: "globalThis.synthApp", $cli: "globalThis.synthCli", $dev: "false" },
    external: ["@pulumi/*", "undici", "@pulumiverse/*", "@aws-sdk/*", "esbuild", "archiver", "glob", "vite"],
    plugins: [globals],
    banner: { js: `import{createRequire}from"node:module";const require=createRequire(import.meta.url);` },
    logLevel: "error",
  });
}

async function run(command: string, args: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(command, args, {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((done, fail) => child.once("error", fail).once("close", done)),
  ]);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${out}\n${err}`);
}
