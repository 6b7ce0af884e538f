import * as z from "zod/mini";
import { FileId, JobId, ShareId, UploadId } from "./ids.ts";
import { maximumShareSeconds } from "./limits.ts";
import { Moment } from "./time.ts";

/** A file that was uploaded or made, with what is known of it. */
export const StoredFile = z.object({
  id: FileId,
  jobId: z.optional(JobId),
  uploadId: z.optional(UploadId),
  /** `source`, or an output's role. */
  kind: z.string(),
  name: z.string(),
  contentType: z.optional(z.string()),
  sizeBytes: z.int(),
  /** Such as durationSeconds, audioCodec, widthPixels. */
  facts: z.record(z.string(), z.unknown()),
  createdAt: Moment,
});
export type StoredFile = z.infer<typeof StoredFile>;

export const SignedFile = z.object({ url: z.string(), expiresAt: Moment });
export type SignedFile = z.infer<typeof SignedFile>;

export const FileVersion = z.object({
  versionId: z.string(),
  isLatest: z.boolean(),
  sizeBytes: z.int(),
  createdAt: Moment,
});
export type FileVersion = z.infer<typeof FileVersion>;
export const FileVersions = z.object({ items: z.array(FileVersion) });

export const NewShare = z.strictObject({
  expiresInSeconds: z.int().check(z.minimum(60), z.maximum(maximumShareSeconds)),
});

/** A link that lets anybody who has it fetch one file for a while. */
export const Share = z.object({
  id: ShareId,
  createdAt: Moment,
  expiresAt: Moment,
  revokedAt: z.optional(Moment),
  openedCount: z.int(),
});
export type Share = z.infer<typeof Share>;
export const Shares = z.object({ items: z.array(Share) });

/** `token` is told this once: only its digest is kept. It opens `GET /shared/{token}`. */
export const CreatedShare = z.object({ share: Share, token: z.string() });
export type CreatedShare = z.infer<typeof CreatedShare>;

export const SharedFile = z.object({
  name: z.string(),
  contentType: z.optional(z.string()),
  sizeBytes: z.int(),
  url: z.string(),
  expiresAt: Moment,
});
export type SharedFile = z.infer<typeof SharedFile>;
