import type { FailureCode } from "@t2m/contract/failures";
import type { Job } from "@t2m/contract/jobs";

// The same file will fail in every format.
const ofFile: ReadonlySet<FailureCode> = new Set([
  "media.unrecognized",
  "media.truncated",
  "media.too_large",
  "upload.gone",
]);
const passing: ReadonlySet<FailureCode> = new Set([
  "conversion.failed",
  "storage.unavailable",
  "step.lease_lost",
  "step.attempts_exhausted",
  "job.stalled",
]);

/** Whether the same conversion of the same file may turn out differently. */
export const mayRepeat = ({ status, failure }: Pick<Job, "status" | "failure">) =>
  status !== "failed" || failure === undefined || passing.has(failure.code);

/** Whether nothing can be made of the file, whatever one chooses. */
export const isHopeless = ({ status, failure }: Job) =>
  status === "failed" && failure !== undefined && ofFile.has(failure.code);
