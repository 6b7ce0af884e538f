import * as z from "zod/mini";

const count = z.pipe(
  z.pipe(
    z.string().check(z.regex(/^\d{1,15}$/, "must be a whole number")),
    z.transform((digits: string) => Number(digits)),
  ),
  z.int().check(z.minimum(1)),
);
const name = z.string("is missing").check(z.minLength(1, "is empty"));

/**
 * The variables that a function of ours is given, the same on AWS (`stacks/`) and on a laptop (`packages/local`).
 * The SDK's own (`AWS_ENDPOINT_URL_S3`, credentials) stand beside them.
 */
export const Environment = z.object({
  T2M_STAGE: name,
  T2M_LIVE_TABLE: name,
  T2M_BUCKET_UPLOADS: name,
  T2M_BUCKET_VIDEOS: name,
  T2M_BUCKET_CODE: name,
  T2M_BUCKET_THUMBNAILS: name,
  T2M_BUCKET_TEMP: name,
  /** Issuer and audience of the tokens that people sign in with. */
  T2M_ISSUER: z.url("must be the issuer's URL"),
  T2M_AUDIENCE: name,
  /** The largest file this stage takes. */
  T2M_MAXIMUM_UPLOAD_BYTES: z._default(count, 50 * 1024 ** 3),
  /** The longest input, in seconds of media. */
  T2M_MAXIMUM_MEDIA_SECONDS: z._default(count, 12 * 3600),
  /** How long uploads, jobs and outputs are kept. */
  T2M_RETENTION_SECONDS: z._default(count, 24 * 3600),
  /** How long a step may be silent before another takes it over. */
  T2M_LEASE_SECONDS: z._default(count, 20),
  T2M_FFMPEG: z.optional(name),
  T2M_FFPROBE: z.optional(name),
});
export type Environment = z.infer<typeof Environment>;
