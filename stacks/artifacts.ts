import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as z from "zod/mini";

export type Artifacts = {
  /** The folder that is a function's code. */
  bundleOf: (functionName: string) => string;
  /** Its version follows from the digests of what is in it. */
  ffmpegLayer: { file: string; version: string };
};

const Layer = z.object({ file: z.string(), version: z.string() });

/**
 * Builds what functions are made of, by the same code that a laptop runs. In processes of their own: this one is
 * SST's, where esbuild is another version.
 * @param root the project's folder
 */
export function buildArtifacts(root: string, stage: string): Artifacts {
  const run = (script: string, ...args: string[]) =>
    execFileSync(process.execPath, [join(root, "scripts", script), ...args], { encoding: "utf8", cwd: root });
  // SST writes into these folders, with a key of the stage.
  const bundles = join(root, ".local", "deploy", stage);
  run("bundle.ts", bundles);
  return {
    bundleOf: (functionName) => join(bundles, functionName),
    ffmpegLayer: Layer.parse(JSON.parse(run("layer.ts"))),
  };
}
