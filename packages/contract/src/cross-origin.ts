import type { Bucket } from "./keys.ts";

type Rule = { methods: readonly ("GET" | "PUT")[]; headers: readonly string[]; exposed: readonly string[] };

/**
 * What a page of the stage's own may do with objects by script, at presigned addresses: on AWS and on a laptop alike.
 * Of buckets that are not here, nothing. Pictures, players and downloads need no rule.
 */
export const crossOrigin: Partial<Record<Bucket, Rule>> = {
  // Each part with its checksum; S3 answers with the part's ETag.
  uploads: { methods: ["PUT"], headers: ["content-type", "x-amz-*"], exposed: ["ETag"] },
  // The player draws a sound from its bytes.
  videos: { methods: ["GET"], headers: ["range"], exposed: [] },
};
