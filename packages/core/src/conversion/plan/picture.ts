import type { OptionsOf } from "@t2m/contract/presets";
import type { MediaFacts } from "../../ffmpeg/probe.ts";
import { ConversionError } from "../failure.ts";
import type { Plan } from "./plan.ts";
import { cut, isCertain, muxerArgs, secondsOf } from "./shared.ts";
import { fit, scaleArgs } from "./size.ts";

const still = { indexInFront: false, poster: false, waveform: undefined } as const;

/** Two passes over the source: a palette made in one would hold every frame in memory until the end. */
export function gifPlan(facts: MediaFacts, options: OptionsOf<"gif">): Plan {
  const stream = videoOf(facts);
  const trimmed = cut(secondsOf(facts, ["video"]), options);
  const size = fit(stream, { widthPixels: options.widthPixels, heightPixels: Number.POSITIVE_INFINITY });
  const fps = Math.min(options.fps, stream.fps ?? options.fps);
  const picture = `[0:${stream.index}]fps=${fps},scale=${size.widthPixels}:${size.heightPixels}:flags=lanczos,setsar=1`;
  const common = ["-map_metadata", "-1", "-an", ...trimmed.outputArgs];
  return {
    ...still,
    format: "gif",
    passes: [
      {
        to: "palette",
        inputArgs: trimmed.inputArgs,
        outputArgs: () => [
          ...["-filter_complex", `${picture},palettegen=stats_mode=diff`],
          ...[...common, "-frames:v", "1", "-c:v", "png", "-f", "image2pipe"],
        ],
        share: 0.4,
      },
      {
        to: "output",
        inputArgs: trimmed.inputArgs,
        outputArgs: () => [
          ...["-f", "png_pipe", "-i", "palette"],
          ...[
            "-filter_complex",
            `${picture}[p];[p][1:v]paletteuse=dither=bayer:bayer_scale=5:diff_mode=rectangle`,
          ],
          ...[...common, ...muxerArgs("gif")],
        ],
        share: 0.6,
      },
    ],
    expectedSeconds: trimmed.expectedSeconds,
    durationIsCertain: isCertain(facts, ["video"]),
  };
}

export function posterPlan(facts: MediaFacts, options: OptionsOf<"poster">): Plan {
  const stream = videoOf(facts);
  const size = fit(stream, { widthPixels: options.widthPixels, heightPixels: Number.POSITIVE_INFINITY });
  const quality = { low: 8, medium: 4, high: 3, best: 2 }[options.quality];
  const filters = scaleArgs(stream, size);
  return {
    ...still,
    format: "jpg",
    passes: [
      {
        to: "output",
        inputArgs: ["-ss", String(posterSecond(secondsOf(facts, ["video"]), options.atSeconds))],
        outputArgs: () => [
          ...["-map", `0:${stream.index}`, "-map_metadata", "-1", "-frames:v", "1"],
          ...(filters.length > 0 ? ["-vf", filters.join(",")] : []),
          ...["-c:v", "mjpeg", "-q:v", String(quality), "-pix_fmt", "yuvj420p", ...muxerArgs("mjpeg")],
        ],
        share: 1,
      },
    ],
    expectedSeconds: undefined,
    durationIsCertain: false,
  };
}

/** Films begin black and end black: a tenth in, but never far, shows something. */
function posterSecond(seconds: number | undefined, asked: number | undefined): number {
  const last = Math.max(0, (seconds ?? 0) - 0.5);
  return Math.min(asked ?? Math.min((seconds ?? 0) / 10, 5), last);
}

/** Peaks need neither stereo nor a high rate; drawing them here keeps memory flat where ffmpeg's filter does not. */
export const waveformSampleRateHz = 8000;

export function waveformPlan(facts: MediaFacts, options: OptionsOf<"waveform">): Plan {
  const [stream] = facts.audio;
  if (!stream) throw new ConversionError("media.no_audio", "The file has no sound.");
  const trimmed = cut(secondsOf(facts, ["audio"]), options);
  const samples = ["-c:a", "pcm_s16le", "-ac", "1", "-ar", String(waveformSampleRateHz), "-f", "s16le"];
  return {
    format: "png",
    passes: [
      {
        to: "samples",
        inputArgs: trimmed.inputArgs,
        outputArgs: () => ["-map", `0:${stream.index}`, ...trimmed.outputArgs, ...samples],
        share: 1,
      },
    ],
    expectedSeconds: trimmed.expectedSeconds,
    durationIsCertain: isCertain(facts, ["audio"]),
    indexInFront: false,
    poster: false,
    waveform: options,
  };
}

function videoOf(facts: MediaFacts) {
  const [stream] = facts.video;
  if (!stream) throw new ConversionError("media.no_video", "The file has no picture.");
  return stream;
}
