import * as z from "zod/mini";
import { type ProcessLimits, runProcess } from "./process.ts";

export type VideoStream = {
  index: number;
  codec: string;
  /** As stored: before rotation, and before pixels that are not square are stretched. */
  storedWidthPixels: number;
  storedHeightPixels: number;
  /** As shown. */
  widthPixels: number;
  heightPixels: number;
  squarePixels: boolean;
  /** Clockwise quarter turns that a player makes, in degrees: 0, 90, 180 or 270. */
  rotationDegrees: number;
  fps: number | undefined;
  durationSeconds: number | undefined;
};

export type AudioStream = {
  index: number;
  codec: string;
  channels: number;
  sampleRateHz: number;
  durationSeconds: number | undefined;
};

export type MediaFacts = {
  /** ffmpeg's name of the demuxer, as `mov,mp4,m4a,3gp,3g2,mj2`. */
  container: string;
  durationSeconds: number | undefined;
  /** The container does not say how long it plays: it was guessed from size and bit rate. */
  durationIsEstimate: boolean;
  /** Title, artist and their kin, keys in lower case, wherever the container keeps them. */
  tags: Record<string, string>;
  /** Cover pictures are not among them. */
  video: VideoStream[];
  audio: AudioStream[];
};

export class ProbeError extends Error {
  override name = "ProbeError";
  readonly log: string;
  constructor(log: string) {
    super("ffprobe could not read the file");
    this.log = log;
  }
}

const numeric = z.optional(z.coerce.number());
const Tags = z.optional(z.record(z.string(), z.string()));
const Stream = z.object({
  index: z.int(),
  codec_type: z.optional(z.string()),
  codec_name: z._default(z.string(), "unknown"),
  width: z._default(z.int(), 0),
  height: z._default(z.int(), 0),
  sample_aspect_ratio: z._default(z.string(), "1:1"),
  avg_frame_rate: z._default(z.string(), "0/0"),
  r_frame_rate: z._default(z.string(), "0/0"),
  sample_rate: z._default(z.coerce.number(), 0),
  channels: z._default(z.int(), 0),
  duration: numeric,
  tags: Tags,
  disposition: z.optional(z.object({ attached_pic: z.optional(z.int()) })),
  side_data_list: z.optional(z.array(z.object({ rotation: z.optional(z.number()) }))),
});
type Stream = z.infer<typeof Stream>;
const Report = z.object({
  streams: z._default(z.array(Stream), []),
  format: z.object({
    format_name: z.string(),
    duration: numeric,
    tags: Tags,
  }),
});

export type ProbeRequest = {
  ffprobe: string;
  /** A path, or an address together with the protocols it takes. */
  input: string;
  protocols: string;
  /** From `sniff`; ffprobe may use no other. */
  demuxers: string;
  workDirectory: string;
  signal: AbortSignal;
  limits: ProcessLimits;
};

/** Reads what a file holds without decoding it. Throws `ProbeError` with ffprobe's last lines where it cannot. */
export async function probe(request: ProbeRequest): Promise<MediaFacts> {
  const entries =
    "format=format_name,duration:format_tags:stream=index,codec_type,codec_name,width,height," +
    "sample_aspect_ratio,avg_frame_rate,r_frame_rate,sample_rate,channels,duration:stream_tags:" +
    "stream_disposition=attached_pic:stream_side_data=rotation";
  const output: Buffer[] = [];
  const { exitCode, log } = await runProcess({
    command: request.ffprobe,
    args: [
      ...["-v", "warning", "-max_alloc", String(maximumAllocationBytes)],
      ...["-protocol_whitelist", request.protocols, "-format_whitelist", request.demuxers],
      ...["-print_format", "json", "-show_entries", entries, "-i", request.input],
    ],
    workDirectory: request.workDirectory,
    signal: request.signal,
    limits: request.limits,
    onStdout: (chunk) => output.push(chunk),
  });
  if (exitCode !== 0) throw new ProbeError(log);
  const report = Report.safeParse(JSON.parse(Buffer.concat(output).toString("utf8")));
  if (!report.success) throw new ProbeError(log);
  return factsOf(report.data, log);
}

/** The largest single piece of memory that ffmpeg may ask for: an 8K frame of 16 bits takes 200 MB. */
export const maximumAllocationBytes = 256 * 1024 * 1024;

function factsOf({ streams, format }: z.infer<typeof Report>, log: string): MediaFacts {
  const audio = streams.filter((stream) => stream.codec_type === "audio");
  const video = streams.filter(
    (stream) => stream.codec_type === "video" && stream.disposition?.attached_pic !== 1 && stream.width > 0,
  );
  return {
    container: format.format_name,
    durationSeconds: positive(format.duration),
    durationIsEstimate: log.includes("Estimating duration from bitrate"),
    // Ogg keeps a song's title with its stream, others with the file.
    tags: { ...lowerCased(audio[0]?.tags), ...lowerCased(format.tags) },
    audio: audio.map((stream) => ({
      index: stream.index,
      codec: stream.codec_name,
      channels: stream.channels,
      sampleRateHz: stream.sample_rate,
      durationSeconds: durationOf(stream),
    })),
    video: video.map(videoStream),
  };
}

function videoStream(stream: Stream): VideoStream {
  const [across = 1, down = 1] = stream.sample_aspect_ratio.split(":").map((side) => Number(side) || 1);
  const turn = stream.side_data_list?.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0;
  // ffprobe counts counter-clockwise, and a matrix may hold odd angles.
  const rotationDegrees = (((Math.round(-turn / 90) * 90) % 360) + 360) % 360;
  const shown = [Math.round((stream.width * across) / down), stream.height];
  const [widthPixels = 0, heightPixels = 0] = rotationDegrees % 180 === 0 ? shown : shown.toReversed();
  return {
    index: stream.index,
    codec: stream.codec_name,
    storedWidthPixels: stream.width,
    storedHeightPixels: stream.height,
    widthPixels,
    heightPixels,
    squarePixels: across === down,
    rotationDegrees,
    fps: fraction(stream.avg_frame_rate) ?? fraction(stream.r_frame_rate),
    durationSeconds: durationOf(stream),
  };
}

const positive = (value: number | undefined) => (value !== undefined && value > 0 ? value : undefined);

/** Matroska keeps a stream's duration in a tag, as 00:01:02.345000000. */
function durationOf(stream: Stream): number | undefined {
  const [hours, minutes, seconds] = (lowerCased(stream.tags).duration ?? "").split(":").map(Number);
  const tagged = (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? Number.NaN);
  return positive(stream.duration) ?? positive(tagged);
}

function fraction(text: string): number | undefined {
  const [above = 0, below = 0] = text.split("/").map(Number);
  return positive(below > 0 ? above / below : 0);
}

const lowerCased = (tags: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [key.toLowerCase(), value]));
