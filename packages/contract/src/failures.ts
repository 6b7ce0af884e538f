import * as z from "zod/mini";

/** Why a job did not succeed. Codes are stable: clients and operators may build on them. */
export const failureCodes = [
  /** The bytes are no audio or video that we read: text, an archive, a playlist, nothing at all. */
  "media.unrecognized",
  /** The file says it is longer than what arrived, or breaks off in the middle. */
  "media.truncated",
  "media.no_audio",
  "media.no_video",
  /** It ends before the part that was asked for begins, or holds no sound or picture at all. */
  "media.too_short",
  /** Longer than the preset or the service takes. */
  "media.too_long",
  /** Too many pixels or bytes. */
  "media.too_large",
  /** We read the file, but not this track in it, or the wanted container cannot hold it. */
  "media.unsupported_codec",
  /** It would not finish in the time one run may take. */
  "conversion.too_long",
  "conversion.failed",
  "conversion.cancelled",
  /** The disk of the converter cannot hold the result. */
  "conversion.output_too_large",
  /** The object store did not answer; the same conversion may succeed later. */
  "storage.unavailable",
  /** The file was deleted, or never came, before it could be converted. */
  "upload.gone",
  /** Whoever did the step fell silent; it is tried again, and this is seen only where that was the last time. */
  "step.lease_lost",
  /** The step was started as often as it may be and broke off each time. */
  "step.attempts_exhausted",
  /** Nothing is left that could move the job on. */
  "job.stalled",
] as const;
export const FailureCode = z.enum(failureCodes);
export type FailureCode = z.infer<typeof FailureCode>;
