import type { ConversionRequest } from "@t2m/contract/presets";

type Facts = { durationSeconds?: number | undefined };

/** Bits a second of what has a fixed rate; nothing for what depends on the content. */
function bitsPerSecond({ preset, options }: ConversionRequest): number | undefined {
  switch (preset) {
    case "mp3":
    case "m4a":
    case "opus":
    case "ogg":
    case "podcast":
      return options.bitrateKbps * 1000;
    case "speech":
      return 16_000 * 16;
    case "wav":
    case "aiff":
      return options.sampleRateHz && options.channels
        ? options.sampleRateHz * options.channels * options.bitsPerSample
        : undefined;
    default:
      return undefined;
  }
}

/** How many bytes the result will have, where length and rate tell. */
export function estimateBytes(wanted: ConversionRequest, { durationSeconds }: Facts): number | undefined {
  const rate = bitsPerSecond(wanted);
  if (rate === undefined || durationSeconds === undefined) return undefined;
  const { start, end = durationSeconds } = trimOf(wanted);
  return (Math.max(0, Math.min(end, durationSeconds) - start) * rate) / 8;
}

/** What is left after trimming; without an end it is the source's. */
export function trimOf({ options }: ConversionRequest): { start: number; end?: number } {
  const start = "trimStartSeconds" in options ? (options.trimStartSeconds ?? 0) : 0;
  const end = "trimEndSeconds" in options ? options.trimEndSeconds : undefined;
  return { start, ...(end !== undefined && { end }) };
}
