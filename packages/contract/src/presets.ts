import * as z from "zod/mini";
import {
  aiff,
  alac,
  audioExtract,
  flac,
  m4a,
  mp3,
  ogg,
  opus,
  podcast,
  speech,
  wav,
  waveform,
} from "./presets/audio.ts";
import { sentenceFor } from "./presets/sentence.ts";
import { gif, mkv, mov, mp4, mp4H265, poster, remux, social, webm, webmAv1 } from "./presets/video.ts";

export const presetIds = [
  "mp3",
  "m4a",
  "opus",
  "ogg",
  "flac",
  "wav",
  "aiff",
  "alac",
  "speech",
  "podcast",
  "audio-extract",
  "waveform",
  "mp4",
  "mp4-h265",
  "webm",
  "webm-av1",
  "mkv",
  "mov",
  "social",
  "remux",
  "gif",
  "poster",
] as const;
export const PresetId = z.enum(presetIds);
export type PresetId = z.infer<typeof PresetId>;

/** Everything one can ask for: what it is, in plain words, and the options it takes. */
export const presets = {
  mp3,
  m4a,
  opus,
  ogg,
  flac,
  wav,
  aiff,
  alac,
  speech,
  podcast,
  "audio-extract": audioExtract,
  waveform,
  mp4,
  "mp4-h265": mp4H265,
  webm,
  "webm-av1": webmAv1,
  mkv,
  mov,
  social,
  remux,
  gif,
  poster,
} as const satisfies { [Id in PresetId]: { id: Id } };
export type Preset = (typeof presets)[PresetId];

/** A preset with its options; absent options are the defaults, unknown ones are refused. */
export const ConversionRequest = z.discriminatedUnion("preset", [
  mp3.request,
  m4a.request,
  opus.request,
  ogg.request,
  flac.request,
  wav.request,
  aiff.request,
  alac.request,
  speech.request,
  podcast.request,
  audioExtract.request,
  waveform.request,
  mp4.request,
  mp4H265.request,
  webm.request,
  webmAv1.request,
  mkv.request,
  mov.request,
  social.request,
  remux.request,
  gif.request,
  poster.request,
]);
/** With every default filled in, as the converter takes it. */
export type ConversionRequest = z.infer<typeof ConversionRequest>;
/** As a client may write it. */
export type ConversionRequestInput = z.input<typeof ConversionRequest>;

/** The options of one preset, defaults filled in. */
export type OptionsOf<Id extends PresetId> = Extract<ConversionRequest, { preset: Id }>["options"];

/**
 * A preset's options from what a client wrote, with every default filled in.
 * Throws a `z.core.$ZodError` whose issues say in words what is wrong.
 */
export function parseOptions<Id extends PresetId>(presetId: Id, options: unknown): OptionsOf<Id>;
export function parseOptions(presetId: PresetId, options: unknown): object {
  return z.parse<z.core.$ZodType<object>>(presets[presetId].options, options ?? {}, { error: sentenceFor });
}
