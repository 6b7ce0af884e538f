import type { ConversionRequest } from "@t2m/contract/presets";
import type { Format } from "@t2m/contract/presets/preset";
import type { AudioStream, MediaFacts } from "../../ffmpeg/probe.ts";
import { ConversionError } from "../failure.ts";
import type { Found, Pass, Plan } from "./plan.ts";
import { cut, isCertain, muxerArgs, secondsOf, tagArgs } from "./shared.ts";

type AudioPreset = Extract<
  ConversionRequest["preset"],
  "mp3" | "m4a" | "opus" | "ogg" | "flac" | "wav" | "aiff" | "alac" | "speech" | "podcast" | "audio-extract"
>;
export type AudioConversion = Extract<ConversionRequest, { preset: AudioPreset }>;

type Encoding = { format: Format; args: string[] };

/** One sound track, and nothing else. */
export function audioPlan(facts: MediaFacts, conversion: AudioConversion): Plan {
  const [stream] = facts.audio;
  if (!stream) throw new ConversionError("media.no_audio", "The file has no sound.");
  const trimmed = cut(secondsOf(facts, ["audio"]), conversion.options);
  const { format, args } = encodingOf(conversion, stream);
  const before = ["-map", `0:${stream.index}`, "-vn", "-sn", "-dn"];
  const behind = [
    ...trimmed.outputArgs,
    ...tagArgs(facts),
    ...largeFileArgs(format, stream, trimmed.expectedSeconds),
  ];
  const encode: Pass = {
    to: "output",
    inputArgs: trimmed.inputArgs,
    outputArgs: () => [...before, ...args, ...behind, ...muxerArgs(muxers[format] ?? format)],
    share: 1,
  };
  return {
    format,
    passes: conversion.preset === "podcast" ? normalised(encode, before, trimmed.outputArgs) : [encode],
    expectedSeconds: trimmed.expectedSeconds,
    durationIsCertain: isCertain(facts, ["audio"]),
    indexInFront: format === "m4a",
    poster: false,
    waveform: undefined,
  };
}

const muxers: Partial<Record<Format, string>> = { m4a: "ipod", mka: "matroska" };

const lossless = /^(pcm_|flac|alac|wavpack|tta|ape|mlp|truehd)/;

function encodingOf(conversion: AudioConversion, source: AudioStream): Encoding {
  switch (conversion.preset) {
    case "mp3":
    case "podcast":
      return {
        format: "mp3",
        args: [...lossy("libmp3lame", conversion.options, source), "-id3v2_version", "3"],
      };
    case "m4a":
      return { format: "m4a", args: lossy("aac", conversion.options, source) };
    case "opus":
      // Opus is always 48 kHz inside.
      return {
        format: "opus",
        args: lossy("libopus", { ...conversion.options, sampleRateHz: 48000 }, source),
      };
    case "ogg":
      return { format: "ogg", args: vorbis(conversion.options, source) };
    case "flac":
      return {
        format: "flac",
        args: ["-c:a", "flac", ...sixteenBits("s16", source), ...shape(conversion.options)],
      };
    case "alac":
      return {
        format: "m4a",
        args: ["-c:a", "alac", ...sixteenBits("s16p", source), ...shape(conversion.options)],
      };
    case "wav":
      return {
        format: "wav",
        args: ["-c:a", `pcm_s${conversion.options.bitsPerSample}le`, ...shape(conversion.options)],
      };
    case "aiff":
      return {
        format: "aiff",
        args: [
          "-c:a",
          `pcm_s${conversion.options.bitsPerSample}be`,
          ...shape(conversion.options),
          "-write_id3v2",
          "1",
        ],
      };
    case "speech":
      return { format: "wav", args: ["-c:a", "pcm_s16le", "-ar", "16000", "-ac", "1"] };
    case "audio-extract":
      return extracted(conversion.options.format, source);
  }
}

type Shape = { sampleRateHz?: number | undefined; channels?: number | undefined };

function shape({ sampleRateHz, channels }: Shape): string[] {
  return [
    ...(sampleRateHz ? ["-ar", String(sampleRateHz)] : []),
    ...(channels ? ["-ac", String(channels)] : []),
  ];
}

/** Lossy formats are for listening: surround sound is mixed down to stereo, which every player takes. */
function lossy(encoder: string, options: Shape & { bitrateKbps: number }, source: AudioStream): string[] {
  const channels = options.channels ?? (source.channels > 2 ? 2 : undefined);
  return ["-c:a", encoder, "-b:a", `${options.bitrateKbps}k`, ...shape({ ...options, channels })];
}

/** Vorbis refuses bit rates that do not suit the sample rate; its quality scale goes with every one. */
function vorbis(options: Shape & { bitrateKbps: number }, source: AudioStream): string[] {
  const quality = { 96: 2, 128: 4, 160: 5, 192: 6, 256: 8, 320: 9 }[options.bitrateKbps] ?? 6;
  const channels = options.channels ?? (source.channels > 2 ? 2 : undefined);
  return ["-c:a", "libvorbis", "-q:a", String(quality), ...shape({ ...options, channels })];
}

/** Decoders of lossy formats answer with floats, of which 24 bits would only keep noise. */
function sixteenBits(sampleFormat: string, source: AudioStream): string[] {
  return lossless.test(source.codec) ? [] : ["-sample_fmt", sampleFormat];
}

const ownFormats: Readonly<Record<string, Format>> = {
  mp3: "mp3",
  aac: "m4a",
  alac: "m4a",
  ac3: "m4a",
  eac3: "m4a",
  opus: "opus",
  vorbis: "ogg",
  flac: "flac",
  pcm_s16le: "wav",
  pcm_s24le: "wav",
  pcm_s16be: "aiff",
};

function extracted(wanted: "copy" | "mp3" | "m4a" | "opus" | "flac" | "wav", source: AudioStream): Encoding {
  const own = ownFormats[source.codec];
  if (wanted === "copy" && own) return { format: own, args: ["-c:a", "copy"] };
  const options = { bitrateKbps: wanted === "opus" ? 128 : 192 };
  if (wanted === "mp3") return encodingOf({ preset: "mp3", options: { bitrateKbps: 192 } }, source);
  if (wanted === "opus")
    return { format: "opus", args: lossy("libopus", { ...options, sampleRateHz: 48000 }, source) };
  if (wanted === "flac") return encodingOf({ preset: "flac", options: {} }, source);
  if (wanted === "wav") return encodingOf({ preset: "wav", options: { bitsPerSample: 16 } }, source);
  return { format: "m4a", args: lossy("aac", options, source) };
}

/** The sizes in WAV and AIFF are of 32 bits; WAV has an extension for more, AIFF has none. */
function largeFileArgs(format: Format, { sampleRateHz, channels }: AudioStream, seconds = 0): string[] {
  const bytes = seconds * Math.max(sampleRateHz, 48000) * channels * 3;
  if (bytes < 0xffffffff) return [];
  if (format === "wav") return ["-rf64", "auto"];
  if (format === "aiff")
    throw new ConversionError("media.too_long", "AIFF cannot hold this much sound; WAV and FLAC can.");
  return [];
}

const target = "I=-16:TP=-1.5:LRA=11";

/** loudnorm needs to have heard everything to change the volume evenly: it listens first. */
function normalised(encode: Pass, before: string[], cutArgs: string[]): Pass[] {
  const measure: Pass = {
    to: "nowhere",
    inputArgs: encode.inputArgs,
    outputArgs: () => [...before, "-af", `loudnorm=${target}:print_format=json`, ...cutArgs, "-f", "null"],
    share: 0.4,
  };
  const apply = (found: Found) => [...loudnormArgs(found), ...encode.outputArgs(found)];
  return [measure, { ...encode, outputArgs: apply, share: 0.6 }];
}

function loudnormArgs({ loudness }: Found): string[] {
  if (!loudness) return [];
  const { input_i, input_tp, input_lra, input_thresh, target_offset } = loudness;
  const measured = `measured_I=${input_i}:measured_TP=${input_tp}:measured_LRA=${input_lra}:measured_thresh=${input_thresh}`;
  // The filter works at 192 kHz inside.
  return ["-af", `loudnorm=${target}:${measured}:offset=${target_offset}:linear=true`, "-ar", "44100"];
}
