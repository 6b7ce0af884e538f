import * as z from "zod/mini";

/** What a finished file is: its extension and its media type. */
export const formats = {
  mp3: { extension: "mp3", contentType: "audio/mpeg" },
  m4a: { extension: "m4a", contentType: "audio/mp4" },
  opus: { extension: "opus", contentType: "audio/ogg" },
  ogg: { extension: "ogg", contentType: "audio/ogg" },
  flac: { extension: "flac", contentType: "audio/flac" },
  wav: { extension: "wav", contentType: "audio/wav" },
  aiff: { extension: "aiff", contentType: "audio/aiff" },
  mka: { extension: "mka", contentType: "audio/x-matroska" },
  mp4: { extension: "mp4", contentType: "video/mp4" },
  webm: { extension: "webm", contentType: "video/webm" },
  mkv: { extension: "mkv", contentType: "video/x-matroska" },
  mov: { extension: "mov", contentType: "video/quicktime" },
  gif: { extension: "gif", contentType: "image/gif" },
  jpg: { extension: "jpg", contentType: "image/jpeg" },
  png: { extension: "png", contentType: "image/png" },
  json: { extension: "json", contentType: "application/json" },
} as const satisfies Record<string, { extension: string; contentType: string }>;
export type Format = keyof typeof formats;

type PresetText = {
  /** What people pick in a list. */
  title: string;
  /** One sentence on what they get and what it is good for. */
  description: string;
  /** What the main output is. */
  kind: "audio" | "video" | "image";
  /** The track without which there is nothing to convert; any other may be missing. */
  needs: "audio" | "video";
  /** The usual format; `remux` and `audio-extract` settle theirs by their options and the file. */
  format: Format;
  /** Longer media than this, after trimming, is refused: the preset makes no sense for it. */
  maximumDurationSeconds?: number;
};

/** A preset from its texts and its options; adds extension, content type and the shape of a request for it. */
export function preset<const Id extends string, Options extends z.core.$ZodType<object, object>>(
  id: Id,
  text: PresetText,
  options: Options,
) {
  // Every option has a default or may be absent, which a test proves for all presets; the type cannot say it.
  const noOptions = {} as z.core.input<Options>;
  return {
    id,
    ...text,
    ...formats[text.format],
    options,
    request: z.strictObject({ preset: z.literal(id), options: z.prefault(options, noOptions) }),
  };
}
