// `pnpm smoke --url https://… --token … [--second-token …]` runs the main job, with its bad days, against any stage.
// Against a stack on this machine no tokens are needed. Ends with 0 where all is well, 1 where not, 2 for bad usage.
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { discover, isLocal, type Service } from "@t2m/client/cli/service";
import { createClient } from "@t2m/client/client";
import { signInByName } from "@t2m/client/sign-in";
import { type Check, checks, type Scene } from "./smoke/checks.ts";

const usage = "Usage: pnpm smoke --url <address> [--token <token>] [--second-token <token>]";

async function main(): Promise<number> {
  const { url, token: given, "second-token": givenSecond } = readArguments();
  if (!url || !URL.canParse(url)) {
    console.error(usage);
    return 2;
  }
  const service = await discover(url);
  const token = given ?? (await localToken(service));
  if (!token) {
    console.error(`${service.origin} wants a token. ${usage}`);
    return 2;
  }
  const second = givenSecond ?? (given ? undefined : await localToken(service));
  const folder = await mkdtemp(join(tmpdir(), "t2m-smoke-"));
  const clientOf = (bearer: string) => createClient({ baseUrl: service.apiUrl, token: bearer });
  const scene: Scene = {
    apiUrl: service.apiUrl,
    token,
    client: clientOf(token),
    stranger: createClient({ baseUrl: service.apiUrl }),
    other: second ? clientOf(second) : undefined,
    folder,
    made: { uploads: new Set(), jobs: new Set() },
  };
  try {
    return await runAll(scene);
  } finally {
    await tidy(scene);
    await rm(folder, { recursive: true });
  }
}

function readArguments() {
  const text = { type: "string" } as const;
  const options = { url: text, token: text, "second-token": text };
  try {
    return parseArgs({ options }).values;
  } catch {
    return {};
  }
}

/** A person of their own for each run, where the development issuer makes that possible. */
async function localToken(service: Service): Promise<string | undefined> {
  if (!isLocal(service.origin)) return undefined;
  return (await signInByName(service, `smoke ${randomUUID().slice(0, 8)}`))?.accessToken;
}

async function runAll(scene: Scene): Promise<number> {
  const counts = { ok: 0, failed: 0, skipped: 0 };
  for (const check of checks) {
    const lacking = lacks(check, scene);
    if (lacking) {
      counts.skipped++;
      console.log(`--    ${check.title}: not run, ${lacking}`);
      continue;
    }
    const started = performance.now();
    const problem = await check.run(scene).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    counts[problem === undefined ? "ok" : "failed"]++;
    console.log(
      problem === undefined ? `ok    ${check.title} (${seconds} s)` : `FAIL  ${check.title}: ${problem}`,
    );
  }
  console.log(`\n${counts.ok} ok, ${counts.failed} failed, ${counts.skipped} not run`);
  return counts.failed > 0 ? 1 : 0;
}

function lacks({ needs }: Check, scene: Scene): string | undefined {
  if (needs === "upload" && !scene.uploadId) return "there is no upload";
  if ((needs === "job" || needs === "other") && !scene.output) return "there is no converted file";
  if (needs === "other" && !scene.other) return "it takes --second-token";
  return undefined;
}

/** Deletes what a failed run has left. */
async function tidy({ client, made }: Scene): Promise<void> {
  const rest = [
    ...[...made.jobs].map((jobId) => client.deleteJob({ params: { jobId } })),
    ...[...made.uploads].map((uploadId) => client.abortUpload({ params: { uploadId } })),
  ];
  await Promise.allSettled(rest);
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});
