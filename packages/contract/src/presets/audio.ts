import * as z from "zod/mini";
import { bitrateKbps, bitsPerSample, channels, pixels, sampleRateHz, trim, trimInOrder } from "./options.ts";
import { preset } from "./preset.ts";

const lossyRates = [64, 96, 128, 160, 192, 256, 320] as const;
const highRates = [8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000] as const;

export const mp3 = preset(
  "mp3",
  {
    title: "MP3",
    description: "Plays everywhere. 192 kbit/s suits music; 128 is enough for speech.",
    kind: "audio",
    needs: "audio",
    format: "mp3",
  },
  z
    .strictObject({
      bitrateKbps: bitrateKbps(lossyRates, 192),
      sampleRateHz: sampleRateHz([16000, 22050, 24000, 32000, 44100, 48000]),
      channels,
      ...trim,
    })
    .check(trimInOrder()),
);

export const m4a = preset(
  "m4a",
  {
    title: "M4A (AAC)",
    description: "Sounds a little better than MP3 at the same size; made for phones and Apple devices.",
    kind: "audio",
    needs: "audio",
    format: "m4a",
  },
  z
    .strictObject({
      bitrateKbps: bitrateKbps(lossyRates, 192),
      sampleRateHz: sampleRateHz([16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000]),
      channels,
      ...trim,
    })
    .check(trimInOrder()),
);

export const opus = preset(
  "opus",
  {
    title: "Opus",
    description: "Sounds good even in very small files; for the web and for voice.",
    kind: "audio",
    needs: "audio",
    format: "opus",
  },
  z
    .strictObject({
      bitrateKbps: bitrateKbps([16, 24, 32, 48, 64, 96, 128, 160, 192, 256], 128),
      channels,
      ...trim,
    })
    .check(trimInOrder()),
);

export const ogg = preset(
  "ogg",
  {
    title: "Ogg Vorbis",
    description: "Free of patents and read by most players and games.",
    kind: "audio",
    needs: "audio",
    format: "ogg",
  },
  z
    .strictObject({
      bitrateKbps: bitrateKbps([96, 128, 160, 192, 256, 320], 192),
      sampleRateHz: sampleRateHz([32000, 44100, 48000]),
      channels,
      ...trim,
    })
    .check(trimInOrder()),
);

export const flac = preset(
  "flac",
  {
    title: "FLAC",
    description: "Lossless at about half the size of WAV; for archives.",
    kind: "audio",
    needs: "audio",
    format: "flac",
  },
  z.strictObject({ sampleRateHz: sampleRateHz(highRates), channels, ...trim }).check(trimInOrder()),
);

export const wav = preset(
  "wav",
  {
    title: "WAV",
    description: "Uncompressed; every editor opens it.",
    kind: "audio",
    needs: "audio",
    format: "wav",
  },
  z
    .strictObject({ sampleRateHz: sampleRateHz(highRates), bitsPerSample, channels, ...trim })
    .check(trimInOrder()),
);

export const aiff = preset(
  "aiff",
  {
    title: "AIFF",
    description: "Uncompressed, as Apple's editors like it.",
    kind: "audio",
    needs: "audio",
    format: "aiff",
  },
  z
    .strictObject({ sampleRateHz: sampleRateHz(highRates), bitsPerSample, channels, ...trim })
    .check(trimInOrder()),
);

export const alac = preset(
  "alac",
  {
    title: "Apple Lossless",
    description: "Lossless in an M4A file; for Apple devices and Music.",
    kind: "audio",
    needs: "audio",
    format: "m4a",
  },
  z.strictObject({ sampleRateHz: sampleRateHz(highRates), channels, ...trim }).check(trimInOrder()),
);

export const speech = preset(
  "speech",
  {
    title: "Speech recognition",
    description: "WAV at 16 kHz, mono: what transcription services ask for.",
    kind: "audio",
    needs: "audio",
    format: "wav",
  },
  z.strictObject({ ...trim }).check(trimInOrder()),
);

export const podcast = preset(
  "podcast",
  {
    title: "Podcast",
    description: "MP3 brought to the loudness that podcast directories expect (-16 LUFS), measured first.",
    kind: "audio",
    needs: "audio",
    format: "mp3",
  },
  z
    .strictObject({ bitrateKbps: bitrateKbps([96, 128, 160, 192, 256, 320], 192), channels, ...trim })
    .check(trimInOrder()),
);

export const audioExtract = preset(
  "audio-extract",
  {
    title: "Sound of a video",
    description:
      "The sound track alone: as it is where its format stands on its own, or in the format you choose.",
    kind: "audio",
    needs: "audio",
    format: "m4a",
  },
  z
    .strictObject({
      format: z._default(
        z
          .enum(["copy", "mp3", "m4a", "opus", "flac", "wav"])
          .check(z.describe("copy keeps the sound as it is, without loss; the others convert it")),
        "copy",
      ),
      ...trim,
    })
    .check(trimInOrder()),
);

export const waveform = preset(
  "waveform",
  {
    title: "Waveform",
    description: "A picture of the sound (PNG) and its peaks (JSON) for players that draw their own.",
    kind: "image",
    needs: "audio",
    format: "png",
  },
  z
    .strictObject({
      widthPixels: z._default(pixels(100, 4000, "Width of the picture"), 1200),
      heightPixels: z._default(pixels(32, 1000, "Height of the picture"), 240),
      peaks: z._default(
        z.int().check(z.minimum(100), z.maximum(20_000), z.describe("How many peaks the JSON holds")),
        1000,
      ),
      ...trim,
    })
    .check(trimInOrder()),
);
