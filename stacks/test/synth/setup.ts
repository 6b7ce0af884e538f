import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { build, type Plugin } from "esbuild";
import type { TestProject } from "vitest/node";

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
const stages = {
  dev: { T2M_ISSUER: "https://issuer.example.org", T2M_AUDIENCE: "t2m", AWS_REGION: "us-east-1" },
  production: {
    T2M_ISSUER: "https://people.example.org",
    T2M_AUDIENCE: "t2m-production",
    AWS_REGION: "eu-central-1",
    T2M_WEB_ORIGINS: "https://t2m.example.org,https://www.t2m.example.org",
    T2M_RETENTION_SECONDS: "259200",
    T2M_MAXIMUM_UPLOAD_BYTES: "1000000000",
    T2M_MAXIMUM_MEDIA_SECONDS: "7200",
    T2M_LEASE_SECONDS: "30",
  },
};

/** Synthesizes the stages for all tests at once: Pulumi keeps its state in the process, so each has its own. */
export default async function setup(project: TestProject) {
  if (!(await isPlatformReady())) await run(sst, ["install"], { ...process.env, ...quiet });
  // Here rather than in each stage, which would build the same at the same time.
  await run(process.execPath, ["scripts/layer.ts"], process.env);
  const folder = await mkdtemp(join(tmpdir(), "t2m-synth-"));
  const program = join(platform, `synth.${process.pid}.mjs`);
  await bundle(program);
  try {
    await Promise.all(
      Object.entries(stages).map(([stage, variables]) => {
        const args = [program, stage, join(folder, `${stage}.json`), join(folder, stage)];
        // Nothing of the developer's own settings: a stage here is what its variables say.
        return run(process.execPath, args, { PATH: process.env.PATH, HOME: process.env.HOME, ...variables });
      }),
    );
  } finally {
    await rm(program, { force: true });
  }
  project.provide("synthesized", folder);
  return () => rm(folder, { recursive: true, force: true });
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
