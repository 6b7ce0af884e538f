// `pnpm release --stage dev` deploys this commit and proves it by the smoke run. Where either fails, the last commit that
// was good is deployed again, and this ends with 1 all the same. The pipeline runs it, and so may a person.
import { appendFileSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod/mini";
import { requireApproval } from "./release/approval.ts";
import { capture, run } from "./release/process.ts";
import { takeSettings } from "./release/settings.ts";
import { smokeTokens } from "./release/tokens.ts";

const Outputs = z.object({ url: z.url() });

async function main(): Promise<number> {
  const { stage } = parseArgs({ options: { stage: { type: "string" } } }).values;
  if (!stage || !/^[a-z0-9-]+$/.test(stage)) {
    console.error("Usage: pnpm release --stage <stage>");
    return 2;
  }
  takeSettings();
  if (stage === "production") await requireApproval(stage);
  // Before anything is deployed: without them nothing could be proven.
  const tokens = await smokeTokens();

  const here = process.cwd();
  const commit = await capture("git", ["rev-parse", "HEAD"]);
  const problem = await deploy(here, stage, tokens);
  if (!problem) {
    await run("git", ["push", "--quiet", "--force", "origin", `HEAD:${refOf(stage)}`]);
    say(`${stage} is at ${commit}: deployed, and all smoke checks passed.`);
    return 0;
  }
  say(`${stage}: ${problem} at ${commit}.`);
  say(`${stage}: ${await putBack(stage, commit, tokens)}`);
  return 1;
}

/** Where the pipeline keeps which commit was last good, in the repository itself. */
const refOf = (stage: string) => `refs/deployed/${stage}`;

/** @returns what went wrong, or undefined */
async function deploy(folder: string, stage: string, tokens: string[]): Promise<string | undefined> {
  const node = (...args: string[]) => run(process.execPath, args, { cwd: folder });
  if ((await node("scripts/sst.ts", "deploy", "--stage", stage)) !== 0) return "the deployment failed";
  const { url } = Outputs.parse(JSON.parse(readFileSync(join(folder, ".sst/outputs.json"), "utf8")));
  const [token = "", second] = tokens;
  const people = ["--token", token, ...(second ? ["--second-token", second] : [])];
  if ((await node("scripts/smoke.ts", "--url", url, ...people)) !== 0) return "a smoke check failed";
  setOutput("url", url);
  return undefined;
}

async function putBack(stage: string, failed: string, tokens: string[]): Promise<string> {
  const listed = await capture("git", ["ls-remote", "origin", refOf(stage)]);
  const [good] = listed.split(/\s/);
  if (!good) return "there is no earlier commit that was good, so it stays as it is.";
  if (good === failed)
    return "this commit was good before, so what is wrong lies elsewhere. It stays as it is.";
  const folder = await mkdtemp(join(tmpdir(), "t2m-release-"));
  try {
    await capture("git", ["fetch", "--quiet", "origin", refOf(stage)]);
    await capture("git", ["worktree", "add", "--detach", folder, good]);
    await capture("npx", ["-y", "pnpm@12", "install", "--frozen-lockfile"], { cwd: folder });
    const problem = await deploy(folder, stage, tokens);
    if (!problem) return `rolled back to ${good}, which passed all smoke checks.`;
    return `rolling back to ${good} did not help: ${problem}. Somebody has to look at it now.`;
  } finally {
    await run("git", ["worktree", "remove", "--force", folder]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Tells the log, and the run's own page. */
function say(text: string) {
  console.log(text);
  const page = process.env.GITHUB_STEP_SUMMARY;
  if (page) appendFileSync(page, `${text}\n\n`);
}

function setOutput(name: string, value: string) {
  const file = process.env.GITHUB_OUTPUT;
  if (file) appendFileSync(file, `${name}=${value}\n`);
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});
