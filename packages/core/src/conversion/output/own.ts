import { type Format, formats } from "@t2m/contract/presets/preset";
import { type MediaFacts, probe } from "../../ffmpeg/probe.ts";
import type { Media, Work } from "../work.ts";
import type { OutputDescription } from "./sink.ts";

const demuxers: Record<Format, string> = {
  mp3: "mp3",
  m4a: "mov",
  opus: "ogg",
  ogg: "ogg",
  flac: "flac",
  wav: "wav",
  aiff: "aiff",
  mka: "matroska",
  mp4: "mov",
  webm: "matroska",
  mkv: "matroska",
  mov: "mov",
  gif: "gif",
  jpg: "jpeg_pipe,image2",
  png: "png_pipe",
  json: "none",
};

export function describe(role: OutputDescription["role"], format: Format): OutputDescription {
  const { extension, contentType } = formats[format];
  const base = role === "main" ? "output" : role;
  return { name: `${base}.${extension}`, role, contentType };
}

/** A file that we made ourselves, as ffmpeg reads it again. */
export function ownMedia(output: OutputDescription, format: Format): Media {
  return { address: `./${output.name}`, protocols: "file", demuxers: demuxers[format] };
}

/** What ffprobe says of an output while it lies on the disk. */
export function probeOwn(work: Work, media: Media): Promise<MediaFacts> {
  return probe({
    ffprobe: work.binaries.ffprobe,
    input: media.address,
    ...media,
    workDirectory: work.directory,
    signal: work.stop.signal,
    limits: { memoryBytes: work.limits.memoryBytes, cpuSeconds: 60 },
  });
}
