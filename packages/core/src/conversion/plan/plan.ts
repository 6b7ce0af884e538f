import { type ConversionRequest, presets } from "@t2m/contract/presets";
import type { Format } from "@t2m/contract/presets/preset";
import type { MediaFacts } from "../../ffmpeg/probe.ts";
import { ConversionError } from "../failure.ts";
import { audioPlan } from "./audio.ts";
import { gifPlan, posterPlan, waveformPlan } from "./picture.ts";
import { remuxPlan, videoPlan } from "./video.ts";

/** What an earlier pass found out for a later one. */
export type Found = {
  /** loudnorm's own measurements; undefined for silence, which has no loudness. */
  loudness?: Record<string, string> | undefined;
};

export type Pass = {
  /** Where it writes: the output file, the palette beside it, raw samples into our process, or nowhere. */
  to: "output" | "palette" | "samples" | "nowhere";
  /** What stands before `-i`. */
  inputArgs: string[];
  /** What stands behind `-i`, but for the file name. */
  outputArgs: (found: Found) => string[];
  /** Its share of the percentage; all shares are 1. */
  share: number;
};

export type Plan = {
  format: Format;
  passes: Pass[];
  /** How long the output should play; undefined where the source does not say. */
  expectedSeconds: number | undefined;
  /** Whether an output that is shorter than that proves that the source broke off. */
  durationIsCertain: boolean;
  /** An MP4's index goes to its front, so that it plays before it is all there. */
  indexInFront: boolean;
  /** A thumbnail goes with it. */
  poster: boolean;
  waveform: { widthPixels: number; heightPixels: number; peaks: number } | undefined;
};

export type MediaLimits = { maximumDurationSeconds: number; maximumPixels: number };

/**
 * Decides how a file becomes what was asked for, without touching it. Never enlarges, honours rotation, keeps the
 * aspect, and takes a missing track where the preset allows. Throws `media.*` where it cannot be done.
 */
export function plan(facts: MediaFacts, conversion: ConversionRequest, limits: MediaLimits): Plan {
  const preset = presets[conversion.preset];
  if (preset.needs === "audio" && facts.audio.length === 0) {
    throw new ConversionError(
      "media.no_audio",
      `The file has no sound, and ${preset.title} is made of sound.`,
    );
  }
  if (preset.needs === "video" && facts.video.length === 0) {
    throw new ConversionError("media.no_video", `The file has no picture, and ${preset.title} needs one.`);
  }
  for (const { storedWidthPixels, storedHeightPixels } of facts.video) {
    if (storedWidthPixels * storedHeightPixels <= limits.maximumPixels) continue;
    throw new ConversionError(
      "media.too_large",
      `The picture has ${storedWidthPixels} × ${storedHeightPixels} pixels, which is more than we convert.`,
    );
  }
  const planned = planOf(facts, conversion);
  checkDuration(planned.expectedSeconds, { ...limits, ...preset });
  return planned;
}

function planOf(facts: MediaFacts, conversion: ConversionRequest): Plan {
  switch (conversion.preset) {
    case "remux":
      return remuxPlan(facts, conversion.options.container);
    case "gif":
      return gifPlan(facts, conversion.options);
    case "poster":
      return posterPlan(facts, conversion.options);
    case "waveform":
      return waveformPlan(facts, conversion.options);
    case "mp4":
    case "mp4-h265":
    case "webm":
    case "webm-av1":
    case "mkv":
    case "mov":
    case "social":
      return videoPlan(facts, conversion);
    default:
      return audioPlan(facts, conversion);
  }
}

function checkDuration(
  seconds: number | undefined,
  limits: { maximumDurationSeconds?: number | undefined },
): void {
  const maximum = limits.maximumDurationSeconds ?? Number.POSITIVE_INFINITY;
  if (seconds === undefined) return;
  if (seconds <= 0) {
    throw new ConversionError("media.too_short", "The file ends before the part that you asked for begins.");
  }
  if (seconds <= maximum) return;
  throw new ConversionError(
    "media.too_long",
    `The file plays for ${inWords(seconds)}; at most ${inWords(maximum)} can be converted this way.`,
  );
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} seconds`;
  if (seconds < 2 * 3600) return `${Math.round(seconds / 60)} minutes`;
  return `${(seconds / 3600).toFixed(1)} hours`;
}
