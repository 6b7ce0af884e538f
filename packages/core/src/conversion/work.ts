import type { Binaries } from "../ffmpeg/binaries.ts";
import type { MediaFacts } from "../ffmpeg/probe.ts";
import type { ConversionLimits } from "./convert.ts";
import type { Blocks } from "./input/blocks.ts";
import type { PartSettings } from "./output/parts.ts";
import type { OutputDescription, PartSink } from "./output/sink.ts";
import type { Plan } from "./plan/plan.ts";
import type { ConversionProgress } from "./progress.ts";
import type { Stop } from "./stop.ts";

/** Where ffmpeg finds media and how it may read them. */
export type Media = { address: string; protocols: string; demuxers: string };

/** Everything that the making of outputs needs. */
export type Work = {
  media: Media;
  facts: MediaFacts;
  plan: Plan;
  directory: string;
  stop: Stop;
  limits: ConversionLimits;
  blocks: Blocks;
  binaries: Binaries;
  openSink: (output: OutputDescription) => Promise<PartSink>;
  onProgress: (progress: ConversionProgress) => void;
  parts: PartSettings;
};
