import type { MediaFacts } from "./probe.ts";
import type { Bytes } from "./truncation.ts";

/** How much of a file is looked at: as much as ffmpeg reads before it decides. */
const lookedAtBytes = 64 * 1024;
const pcm = 1;
const float = 3;
const codecs: Record<string, string> = {
  [`${pcm}/8`]: "pcm_u8",
  [`${pcm}/16`]: "pcm_s16le",
  [`${pcm}/24`]: "pcm_s24le",
  [`${pcm}/32`]: "pcm_s32le",
  [`${float}/32`]: "pcm_f32le",
};
/** DTS in its four orders, and S/PDIF's burst: ffmpeg takes 16-bit PCM that begins with one for something else. */
const disguises = ["7ffe8001", "fe7f0180", "1fffe800", "ff1f00e8", "72f81f4e", "f8724e1f"].map((hex) =>
  Buffer.from(hex, "hex"),
);

type Format = { codec: string; channels: number; sampleRateHz: number; bytesPerSecond: number };

/**
 * What ffprobe would say of a plain WAV: PCM of one or two channels, without tags or anything behind its sound. The
 * start of ffprobe is most of a short conversion's wait. Undefined for every other WAV, which is ffprobe's to judge.
 * A test holds it to ffprobe's answers.
 */
export async function plainWav(file: Bytes): Promise<MediaFacts | undefined> {
  const head = Buffer.from(await file.read(0, lookedAtBytes));
  if (head.length < 44 || head.toString("latin1", 0, 4) !== "RIFF") return undefined;
  if (head.readUInt32LE(4) + 8 !== file.sizeBytes) return undefined;
  let format: Format | undefined;
  for (let at = 12; at + 8 <= head.length; ) {
    const name = head.toString("latin1", at, at + 4);
    const sizeBytes = head.readUInt32LE(at + 4);
    const body = head.subarray(at + 8, at + 8 + sizeBytes);
    if (name === "data") return format && factsOf(format, body, sizeBytes, file.sizeBytes - at - 8);
    if (body.length < sizeBytes) return undefined;
    if (name === "fmt ") format = formatOf(body);
    if (name === "fmt " ? !format : !(name === "LIST" && namesOnlyItsProgram(body))) return undefined;
    at += 8 + sizeBytes + (sizeBytes % 2);
  }
  return undefined;
}

/** Most programs sign what they write; that is no tag that anybody wants kept. */
function namesOnlyItsProgram(list: Buffer): boolean {
  return (
    list.toString("latin1", 0, 8) === "INFOISFT" &&
    list.length >= 12 &&
    list.length - 12 - list.readUInt32LE(8) <= 1
  );
}

/** The `fmt ` chunk (Microsoft's WAVEFORMATEX): tag, channels, rate, bytes a second, bytes a frame, bits a sample. */
function formatOf(body: Buffer): Format | undefined {
  if (body.length < 16) return undefined;
  const [tag, channels, sampleRateHz] = [body.readUInt16LE(0), body.readUInt16LE(2), body.readUInt32LE(4)];
  const [bytesPerSecond, frameBytes, bits] = [
    body.readUInt32LE(8),
    body.readUInt16LE(12),
    body.readUInt16LE(14),
  ];
  const codec = codecs[`${tag}/${bits}`];
  const isUsual = channels >= 1 && channels <= 2 && sampleRateHz >= 4_000 && sampleRateHz <= 192_000;
  const isConsistent = frameBytes * 8 === channels * bits && bytesPerSecond === frameBytes * sampleRateHz;
  return codec && isUsual && isConsistent ? { codec, channels, sampleRateHz, bytesPerSecond } : undefined;
}

function factsOf(
  format: Format,
  sound: Buffer,
  soundBytes: number,
  leftBytes: number,
): MediaFacts | undefined {
  if (soundBytes === 0 || soundBytes !== leftBytes) return undefined;
  if (disguises.some((sync) => sound.includes(sync))) return undefined;
  const { codec, channels, sampleRateHz, bytesPerSecond } = format;
  const durationSeconds = Math.round((soundBytes / bytesPerSecond) * 1e6) / 1e6;
  return {
    container: "wav",
    durationSeconds,
    durationIsEstimate: false,
    tags: {},
    video: [],
    audio: [{ index: 0, codec, channels, sampleRateHz, durationSeconds }],
  };
}
