import type { ConversionRequest } from "@t2m/contract/presets";
import { type Format, formats } from "@t2m/contract/presets/preset";
import type { MediaFacts, VideoStream } from "../../ffmpeg/probe.ts";
import { ConversionError } from "../failure.ts";
import type { Plan } from "./plan.ts";
import { cut, isCertain, muxerArgs, secondsOf, tagArgs } from "./shared.ts";
import { type Box, coverArgs, fit, padArgs, scaleArgs } from "./size.ts";

type VideoPreset = Extract<
  ConversionRequest["preset"],
  "mp4" | "mp4-h265" | "webm" | "webm-av1" | "mkv" | "mov" | "social"
>;
export type VideoConversion = Extract<ConversionRequest, { preset: VideoPreset }>;
type Quality = VideoConversion["options"]["quality"];

const targets: Record<VideoPreset, { format: Format; muxer: string }> = {
  mp4: { format: "mp4", muxer: "mp4" },
  "mp4-h265": { format: "mp4", muxer: "mp4" },
  webm: { format: "webm", muxer: "webm" },
  "webm-av1": { format: "webm", muxer: "webm" },
  mkv: { format: "mkv", muxer: "matroska" },
  mov: { format: "mov", muxer: "mov" },
  social: { format: "mp4", muxer: "mp4" },
};

/** The first picture and the first sound track, if there is one, encoded anew. */
export function videoPlan(facts: MediaFacts, conversion: VideoConversion): Plan {
  const [stream] = facts.video;
  if (!stream) throw new ConversionError("media.no_video", "The file has no picture.");
  const { format, muxer } = targets[conversion.preset];
  const trimmed = cut(secondsOf(facts, ["video", "audio"]), conversion.options);
  const { filters, box } = pictureOf(conversion, stream);
  const args = [
    ...["-map", `0:${stream.index}`, "-sn", "-dn"],
    ...(filters.length > 0 ? ["-vf", filters.join(",")] : []),
    ...videoArgs(conversion, { ...box, fps: stream.fps ?? 30 }),
    ...["-pix_fmt", "yuv420p"],
    ...soundArgs(facts, conversion),
    ...trimmed.outputArgs,
    ...tagArgs(facts),
    ...muxerArgs(muxer),
  ];
  return {
    format,
    passes: [{ to: "output", inputArgs: trimmed.inputArgs, outputArgs: () => args, share: 1 }],
    expectedSeconds: trimmed.expectedSeconds,
    durationIsCertain: isCertain(facts, ["video", "audio"]),
    indexInFront: format === "mp4" || format === "mov",
    poster: true,
    waveform: undefined,
  };
}

function pictureOf(conversion: VideoConversion, stream: VideoStream): { filters: string[]; box: Box } {
  if (conversion.preset === "social") {
    const frame = { widthPixels: 1080, heightPixels: 1920 };
    const filters = conversion.options.fit === "crop" ? coverArgs(frame) : padArgs(fit(stream, frame), frame);
    return { filters, box: frame };
  }
  const { widthPixels, heightPixels, fps } = conversion.options;
  const upright = stream.heightPixels > stream.widthPixels;
  const usual = upright
    ? { widthPixels: 1080, heightPixels: 1920 }
    : { widthPixels: 1920, heightPixels: 1080 };
  const asked = {
    widthPixels: widthPixels ?? Number.POSITIVE_INFINITY,
    heightPixels: heightPixels ?? Number.POSITIVE_INFINITY,
  };
  const box = fit(stream, widthPixels || heightPixels ? asked : usual);
  const slower = fps !== undefined && fps < (stream.fps ?? Number.POSITIVE_INFINITY);
  return { filters: [...(slower ? [`fps=${fps}`] : []), ...scaleArgs(stream, box)], box };
}

const crf: Record<"h264" | "h265" | "vp9" | "vp8" | "av1", Record<Quality, number>> = {
  h264: { low: 28, medium: 23, high: 20, best: 17 },
  h265: { low: 32, medium: 28, high: 24, best: 20 },
  vp9: { low: 38, medium: 31, high: 27, best: 22 },
  vp8: { low: 20, medium: 12, high: 8, best: 4 },
  av1: { low: 43, medium: 35, high: 29, best: 24 },
};

/** Encoder speeds are chosen so that a Lambda of six cores keeps up with real time at 1080p where it can. */
function videoArgs(conversion: VideoConversion, picture: Box & { fps: number }): string[] {
  const { quality } = conversion.options;
  if (conversion.preset === "mp4-h265") {
    const args = ["-c:v", "libx265", "-preset", "veryfast", "-crf", String(crf.h265[quality])];
    return [...args, "-tag:v", "hvc1", "-x265-params", "log-level=error"];
  }
  if (conversion.preset === "webm-av1") {
    return ["-c:v", "libsvtav1", "-preset", "8", "-crf", String(crf.av1[quality])];
  }
  if (conversion.preset === "webm" && conversion.options.videoCodec === "vp8") {
    // VP8's constant quality stays below a bit rate that must be named: 0.15 bits a pixel.
    const kbps = Math.ceil((picture.widthPixels * picture.heightPixels * picture.fps * 0.15) / 1000);
    const args = ["-c:v", "libvpx", "-crf", String(crf.vp8[quality]), "-b:v", `${kbps}k`];
    return [...args, "-deadline", "good", "-cpu-used", "4"];
  }
  if (conversion.preset === "webm") {
    const args = ["-c:v", "libvpx-vp9", "-crf", String(crf.vp9[quality]), "-b:v", "0"];
    return [...args, "-deadline", "good", "-cpu-used", "4", "-row-mt", "1"];
  }
  const args = [
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-crf",
    String(crf.h264[quality]),
    "-profile:v",
    "high",
  ];
  // With its look-ahead in a thread of its own, x264 makes other bytes now and then: one run in twelve when busy.
  return [...args, "-x264-params", "sync-lookahead=0"];
}

function soundArgs(facts: MediaFacts, conversion: VideoConversion): string[] {
  const [sound] = facts.audio;
  if (!sound) return ["-an"];
  const kbps = conversion.preset === "social" ? 128 : conversion.options.audioBitrateKbps;
  const free = conversion.preset === "webm" || conversion.preset === "webm-av1";
  const encoder = free ? ["libopus", "-ar", "48000"] : ["aac"];
  return [
    "-map",
    `0:${sound.index}`,
    "-c:a",
    ...encoder,
    "-b:a",
    `${kbps}k`,
    ...(sound.channels > 2 ? ["-ac", "2"] : []),
  ];
}

const common = ["h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video", "mpeg1video", "mjpeg"];
const commonSound = ["aac", "mp3", "mp2", "ac3", "eac3", "alac", "opus", "flac"];
const pcm = ["pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_f32le"];
const holds = {
  mp4: new Set([...common, ...commonSound]),
  mov: new Set(
    [...common, ...commonSound, ...pcm, "prores", "dnxhd"].filter(
      (codec) => !["opus", "flac", "av1", "vp9"].includes(codec),
    ),
  ),
  mkv: undefined,
};

/** Every picture and sound track as it is. */
export function remuxPlan(facts: MediaFacts, container: "mp4" | "mkv" | "mov"): Plan {
  const tracks = [...facts.video, ...facts.audio];
  const foreign = tracks.find(({ codec }) => holds[container]?.has(codec) === false);
  if (foreign) {
    throw new ConversionError(
      "media.unsupported_codec",
      `A file ending in ${formats[container].extension} cannot hold ${foreign.codec}; mkv can, or convert to mp4 instead.`,
    );
  }
  const hevc = facts.video.some(({ codec }) => codec === "hevc");
  const args = [
    ...tracks.flatMap(({ index }) => ["-map", `0:${index}`]),
    ...["-c", "copy", "-map_metadata", "0"],
    // Apple's players know H.265 by this tag only.
    ...(hevc && container !== "mkv" ? ["-tag:v", "hvc1"] : []),
    ...muxerArgs(container === "mkv" ? "matroska" : container),
  ];
  return {
    format: container,
    passes: [{ to: "output", inputArgs: [], outputArgs: () => args, share: 1 }],
    expectedSeconds: facts.durationSeconds,
    durationIsCertain: !facts.durationIsEstimate,
    indexInFront: container !== "mkv",
    poster: true,
    waveform: undefined,
  };
}
