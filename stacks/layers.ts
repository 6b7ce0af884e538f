import type { Artifacts } from "./artifacts.ts";
import type { StageConfig } from "./config.ts";
import type { Storage } from "./storage.ts";

export type Layers = { ffmpeg: aws.lambda.LayerVersion };

/** ffmpeg and ffprobe, in `/opt/bin` of the functions that ask for them. */
export function createLayers(cfg: StageConfig, deps: { storage: Storage; artifacts: Artifacts }): Layers {
  const { file, version } = deps.artifacts.ffmpegLayer;
  // Lambda takes no more than 50 MB directly.
  const archive = new aws.s3.BucketObjectv2("FfmpegArchive", {
    bucket: deps.storage.code.name,
    key: `layers/ffmpeg-${version}.zip`,
    source: new $util.asset.FileAsset(file),
  });
  const ffmpeg = new aws.lambda.LayerVersion("FfmpegLayer", {
    layerName: `${cfg.stage}-t2m-ffmpeg`,
    description: "ffmpeg and ffprobe, as separate programs under their own licence",
    licenseInfo: "GPL-3.0-or-later",
    compatibleArchitectures: ["x86_64"],
    compatibleRuntimes: ["nodejs24.x"],
    s3Bucket: archive.bucket,
    s3Key: archive.key,
  });
  return { ffmpeg };
}
