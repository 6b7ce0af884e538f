import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";

export type Artifacts = {
  /** The folder that is a function's code. */
  bundleOf: (functionName: string) => string;
  /** Its version follows from the digests of what is in it. */
  ffmpegLayer: { file: string; version: string };
  /** The folder of the built page. */
  page: string;
};

const Layer = z.object({ file: z.string(), version: z.string() });

/**
 * Builds what functions are made of, by the same code that a laptop runs. In processes of their own: this one is
 * SST's, where esbuild is another version.
 * @param folder what is built goes there; two stages that are built at the same time have one each
 * @param root the project's folder
 */
export function buildArtifacts(folder: string, root: string): Artifacts {
  const run = (script: string, ...args: string[]) =>
    execFileSync(process.execPath, [join(root, script), ...args], { encoding: "utf8", cwd: root });
  const bundles = join(folder, "functions");
  run("scripts/bundle.ts", bundles);
  const page = join(folder, "page");
  rmSync(page, { recursive: true, force: true });
  run("packages/web/build.ts", page);
  return {
    bundleOf: (functionName) => join(bundles, functionName),
    ffmpegLayer: Layer.parse(JSON.parse(run("scripts/layer.ts"))),
    page,
  };
}
