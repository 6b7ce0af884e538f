import type { FailureCode } from "@t2m/contract/failures";

/** Why a conversion did not succeed: a stable code, a sentence for the user, and ffmpeg's last lines. */
export class ConversionError extends Error {
  override name = "ConversionError";
  readonly code: FailureCode;
  readonly log: string | undefined;
  /** The same conversion may succeed later. */
  readonly retryable: boolean;

  constructor(
    code: FailureCode,
    message: string,
    details: { log?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.log = details.log;
    this.retryable = code === "storage.unavailable";
  }
}
