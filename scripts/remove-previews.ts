// Removes the stages of pull requests that are no longer open: run when one is closed, and every night for those that
// were missed.
import * as z from "zod/mini";
import { capture, run } from "./release/process.ts";
import { takeSettings } from "./release/settings.ts";

const PullRequests = z.array(z.object({ number: z.number() }));
const Tagged = z.object({
  ResourceTagMappingList: z.array(
    z.object({ Tags: z.array(z.object({ Key: z.string(), Value: z.string() })) }),
  ),
});

async function openStages(): Promise<Set<string>> {
  const listed = await capture("gh", [
    "pr",
    "list",
    "--state",
    "open",
    "--limit",
    "1000",
    "--json",
    "number",
  ]);
  return new Set(PullRequests.parse(JSON.parse(listed)).map(({ number }) => `pr-${number}`));
}

/** By what is there in AWS: a deployment that broke off is known nowhere else. Never another than a preview. */
async function previewStages(): Promise<string[]> {
  const listed = await capture("aws", [
    ...["resourcegroupstaggingapi", "get-resources", "--output", "json"],
    ...["--tag-filters", "Key=application,Values=t2m", "--resource-type-filters", "lambda:function", "s3"],
  ]);
  const tags = Tagged.parse(JSON.parse(listed)).ResourceTagMappingList.flatMap(({ Tags }) => Tags);
  const stages = tags.flatMap(({ Key, Value }) => (Key === "stage" && /^pr-\d+$/.test(Value) ? [Value] : []));
  return [...new Set(stages)].sort();
}

async function removeClosed(): Promise<number> {
  takeSettings();
  const [open, previews] = await Promise.all([openStages(), previewStages()]);
  let failed = 0;
  for (const stage of previews.filter((preview) => !open.has(preview))) {
    const code = await run(process.execPath, ["scripts/sst.ts", "remove", "--stage", stage]);
    console.log(code === 0 ? `${stage} is removed` : `${stage} could not be removed`);
    if (code !== 0) failed++;
    else await run("git", ["push", "--quiet", "origin", `:refs/deployed/${stage}`]);
  }
  return failed > 0 ? 1 : 0;
}

process.exitCode = await removeClosed().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});
