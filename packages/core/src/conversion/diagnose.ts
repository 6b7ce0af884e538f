import type { Refusal } from "../ffmpeg/sniff.ts";
import { ConversionError } from "./failure.ts";

const refusals: Record<Refusal, string> = {
  empty: "The file is empty.",
  archive: "This is an archive, whatever its name says. Unpack it and upload what is in it.",
  playlist: "This is a playlist: it only points at media. Upload the media themselves.",
  text: "This is text, not audio or video.",
  image: "This is a still picture, not audio or video.",
  document: "This is a document, not audio or video.",
  program: "This is a program, not audio or video.",
  unknown: "The file is no audio or video that we know.",
};

export function refused(refusal: Refusal): ConversionError {
  return new ConversionError("media.unrecognized", refusals[refusal]);
}

export function truncated(log?: string): ConversionError {
  return new ConversionError(
    "media.truncated",
    "The file breaks off or is damaged. Check that it plays to its end, then upload it again.",
    { log },
  );
}

export function tooLong(log?: string): ConversionError {
  return new ConversionError(
    "conversion.too_long",
    "This would take longer than one conversion may. Choose a shorter piece, a smaller picture or a quicker format.",
    { log },
  );
}

export function outputTooLarge(log?: string): ConversionError {
  return new ConversionError(
    "conversion.output_too_large",
    "The result would be larger than a conversion can hold. Choose a shorter piece or a smaller format.",
    { log },
  );
}

/** ffprobe could not make sense of the file, though its first bytes are those of a known container. */
export function unreadable(log: string): ConversionError {
  if (/moov atom not found|End of file|prematurely|partial file|truncat/i.test(log)) return truncated(log);
  return new ConversionError(
    "media.unrecognized",
    "The file begins like audio or video but cannot be read.",
    { log },
  );
}

/** ffmpeg gave up: what that means for the user. */
export function ended(exitCode: number, log: string): ConversionError {
  if (/No space left on device|File too large/.test(log)) return outputTooLarge(log);
  if (exitCode === 128 + signalXcpu) return tooLong(log);
  if (
    /Decoder .*not found|Decoding requested, but no decoder|no decoder found|Could not find codec/i.test(log)
  ) {
    return new ConversionError(
      "media.unsupported_codec",
      "The file holds a track in a format that we cannot read.",
      {
        log,
      },
    );
  }
  if (/Cannot allocate memory|max_pixels|Picture size .* is invalid/.test(log)) {
    return new ConversionError(
      "media.too_large",
      "The file asks for more memory than a conversion may use.",
      { log },
    );
  }
  if (/Invalid data|corrupt|Error submitting packet|prematurely|partial file|moov atom/i.test(log)) {
    return truncated(log);
  }
  return new ConversionError("conversion.failed", "The file could not be converted.", { log });
}

const signalXcpu = 24;
