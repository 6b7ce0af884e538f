import * as z from "zod/mini";

/** UUIDv7: ids sort by their time of making, so a list newest first needs no index of its own. */
export const UploadId = z.uuidv7("must be an upload id");
export type UploadId = z.infer<typeof UploadId>;

export const JobId = z.uuidv7("must be a job id");
export type JobId = z.infer<typeof JobId>;

/** UUIDv5 of issuer and subject (see `userIdOf` in core): known from the token alone, without a look-up. */
export const UserId = z.uuid("must be a user id");
export type UserId = z.infer<typeof UserId>;

export const BatchId = z.uuidv7("must be a batch id");
export type BatchId = z.infer<typeof BatchId>;

export const FileId = z.uuid("must be a file id");
export type FileId = z.infer<typeof FileId>;

export const ShareId = z.uuidv7("must be a share's id");
export const SessionId = z.uuid("must be a session id");

/** A step's name within its job: `convert`, `segment:12`. */
export const StepKey = z.string().check(z.regex(/^[a-z][a-z0-9-]*(:\d{1,5})?$/, "must be a step key"));
export type StepKey = z.infer<typeof StepKey>;
