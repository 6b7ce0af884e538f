import * as z from "zod/mini";
import { bitrateKbps, fps, pixels, quality, size, trim, trimInOrder } from "./options.ts";
import { preset } from "./preset.ts";

const encoded = {
  ...size,
  fps: z.optional(fps(60)),
  quality,
  audioBitrateKbps: bitrateKbps([64, 96, 128, 160, 192, 256], 128),
  ...trim,
};

export const mp4 = preset(
  "mp4",
  {
    title: "MP4",
    description: "H.264 and AAC: plays everywhere. Keeps the source's size up to 1080p.",
    kind: "video",
    needs: "video",
    format: "mp4",
  },
  z.strictObject(encoded).check(trimInOrder()),
);

export const mp4H265 = preset(
  "mp4-h265",
  {
    title: "MP4 (H.265)",
    description: "About a third smaller than MP4 at the same look; for newer phones and televisions.",
    kind: "video",
    needs: "video",
    format: "mp4",
  },
  z.strictObject(encoded).check(trimInOrder()),
);

export const webm = preset(
  "webm",
  {
    title: "WebM",
    description: "VP9 (or VP8, quicker) and Opus: free of patents, for the web.",
    kind: "video",
    needs: "video",
    format: "webm",
  },
  z
    .strictObject({
      ...encoded,
      videoCodec: z._default(
        z.enum(["vp9", "vp8"]).check(z.describe("vp9 is smaller; vp8 is quicker and plays on old devices")),
        "vp9",
      ),
    })
    .check(trimInOrder()),
);

export const webmAv1 = preset(
  "webm-av1",
  {
    title: "WebM (AV1)",
    description: "AV1 and Opus: the smallest files, for current browsers.",
    kind: "video",
    needs: "video",
    format: "webm",
  },
  z.strictObject(encoded).check(trimInOrder()),
);

export const mkv = preset(
  "mkv",
  {
    title: "MKV",
    description: "H.264 and AAC in Matroska; for home theatres and archives.",
    kind: "video",
    needs: "video",
    format: "mkv",
  },
  z.strictObject(encoded).check(trimInOrder()),
);

export const mov = preset(
  "mov",
  {
    title: "MOV",
    description: "H.264 and AAC in QuickTime; for Apple's editors.",
    kind: "video",
    needs: "video",
    format: "mov",
  },
  z.strictObject(encoded).check(trimInOrder()),
);

export const social = preset(
  "social",
  {
    title: "Social, upright",
    description:
      "MP4 of 1080 × 1920 for stories, reels and shorts: with bars around the picture, or cut to fill it.",
    kind: "video",
    needs: "video",
    format: "mp4",
  },
  z
    .strictObject({
      fit: z._default(
        z
          .enum(["pad", "crop"])
          .check(z.describe("pad shows the whole picture between bars, crop fills the frame")),
        "pad",
      ),
      quality,
      ...trim,
    })
    .check(trimInOrder()),
);

export const remux = preset(
  "remux",
  {
    title: "Other container",
    description: "The same picture and sound, without loss, in another container. Takes seconds.",
    kind: "video",
    needs: "video",
    format: "mp4",
  },
  z.strictObject({
    container: z._default(
      z
        .enum(["mp4", "mkv", "mov"])
        .check(z.describe("mkv takes any codec, mp4 and mov take the common ones")),
      "mp4",
    ),
  }),
);

export const gif = preset(
  "gif",
  {
    title: "GIF",
    description: "A moving picture without sound, 480 pixels wide, with a palette of its own. Keep it short.",
    kind: "image",
    needs: "video",
    format: "gif",
    maximumDurationSeconds: 120,
  },
  z
    .strictObject({
      widthPixels: z._default(pixels(16, 1280, "At most this wide; a smaller picture stays as it is"), 480),
      fps: z._default(fps(30), 12),
      ...trim,
    })
    .check(trimInOrder()),
);

export const poster = preset(
  "poster",
  {
    title: "Thumbnail",
    description: "One frame of the video as a JPEG.",
    kind: "image",
    needs: "video",
    format: "jpg",
  },
  z.strictObject({
    atSeconds: z.optional(
      z
        .number()
        .check(
          z.minimum(0),
          z.maximum(7 * 24 * 3600),
          z.describe("Which moment; absent takes one near the start"),
        ),
    ),
    widthPixels: z._default(pixels(16, 3840, "At most this wide; a smaller picture stays as it is"), 1280),
    quality,
  }),
);
