import * as z from "zod/mini";
import { JobId, UploadId } from "./ids.ts";
import { maximumNameLength } from "./limits.ts";
import { PartNumber } from "./parts.ts";
import { Moment } from "./time.ts";

/**
 * A file's name as its owner knows it. It is shown and offered for download, never part of a path or key;
 * separators and control characters are refused all the same, so that no client can be led astray by it.
 */
export const FileName = z.string().check(
  z.minLength(1, "the file needs a name"),
  z.maxLength(maximumNameLength, `may have at most ${maximumNameLength} characters`),
  z.regex(/^[^/\\\p{Cc}]+$/u, "may not hold slashes, backslashes or control characters"),
  z.refine((name) => name !== "." && name !== "..", "is not a file's name"),
);

export const UploadStatus = z.enum(["open", "completed", "aborted"]);

export const Upload = z.object({
  id: UploadId,
  name: FileName,
  type: z.string(),
  sizeBytes: z.int(),
  status: UploadStatus,
  partBytes: z.int(),
  partCount: z.int(),
  partsCompleted: z.int(),
  bytesCompleted: z.int(),
  percent: z.number(),
  jobIds: z.array(JobId),
  createdAt: Moment,
  completedAt: z.optional(Moment),
  expiresAt: Moment,
});
export type Upload = z.infer<typeof Upload>;

/** PUT exactly the part's bytes to `url` with these `headers`; S3 refuses anything else. */
export const SignedPart = z.object({
  partNumber: PartNumber,
  url: z.string(),
  headers: z.record(z.string(), z.string()),
});
export const SignedParts = z.object({ parts: z.array(SignedPart), expiresAt: Moment });
export type SignedParts = z.infer<typeof SignedParts>;

/** What S3 holds of an open upload: the truth that a resume goes by. */
export const StoredPart = z.object({
  partNumber: PartNumber,
  sizeBytes: z.int(),
  etag: z.string(),
  checksumCrc32: z.optional(z.string()),
});
export const StoredParts = z.object({ parts: z.array(StoredPart), missing: z.array(PartNumber) });
export type StoredParts = z.infer<typeof StoredParts>;
