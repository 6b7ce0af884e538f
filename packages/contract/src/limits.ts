const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** S3's own bounds: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const minimumPartBytes = 5 * MiB;
export const maximumPartBytes = 5 * GiB;
export const maximumParts = 10_000;
export const maximumObjectBytes = maximumParts * maximumPartBytes;

export const usualPartBytes = 8 * MiB;
/** Where the parts may still grow, more of them only make a longer upload item. */
const comfortableParts = 1_000;

export const maximumNameLength = 255;
export const maximumConversionsPerUpload = 20;
export const maximumUrlsPerRequest = 100;
export const maximumPageSize = 100;
export const maximumJobsPerBatch = 1_000;
/**
 * How many jobs of batches run at once, somebody's and everybody's, where a stage says nothing else. Jobs outside of
 * batches do not count.
 */
export const queueLimits = { perUser: 4, all: 50 } as const;
export const maximumSearchLength = 100;
export const maximumBodyBytes = 256 * KiB;

export const partUrlLifetimeSeconds = 15 * 60;
export const downloadUrlLifetimeSeconds = 15 * 60;
export const playUrlLifetimeSeconds = 2 * 60 * 60;
export const maximumShareSeconds = 30 * 24 * 60 * 60;
/** After this a revoked session's token is refused everywhere. */
export const revocationDelaySeconds = 60;
/** What is promised to who deletes their account: by then nothing of theirs is left. */
export const accountDeletionHours = 48;

/**
 * The part size in bytes for a file of `sizeBytes`: 8 MiB as long as that makes 1,000 parts or fewer, then
 * whole MiBs that keep it there, then S3's largest part.
 */
export function partBytesFor(sizeBytes: number): number {
  const needed = Math.ceil(sizeBytes / comfortableParts / MiB) * MiB;
  return Math.min(Math.max(needed, usualPartBytes), maximumPartBytes);
}

export function partCountFor(sizeBytes: number, partBytes: number): number {
  return Math.ceil(sizeBytes / partBytes);
}

/** Every part has the upload's part size but the last, which has what is left. */
export function bytesOfPart(partNumber: number, sizeBytes: number, partBytes: number): number {
  return Math.min(partBytes, sizeBytes - (partNumber - 1) * partBytes);
}
