import * as z from "zod/mini";
import { queueLimits } from "./limits.ts";

/** A whole number from 1 on, as a variable has it. */
export const count = z.pipe(
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
  /** How many jobs of batches run at once: somebody's, and everybody's. */
  T2M_QUEUE_PER_USER: z._default(count, queueLimits.perUser),
  T2M_QUEUE_ALL: z._default(count, queueLimits.all),
  /** Postgres, for functions that use it alone: a URL, or where IAM signs in (host, name and user). */
  T2M_DATABASE_URL: z.optional(z.url("must be a URL as postgres://user@host:5432/name")),
  T2M_DATABASE_HOST: z.optional(name),
  T2M_DATABASE_PORT: z._default(count, 5432),
  T2M_DATABASE_NAME: z.optional(name),
  T2M_DATABASE_USER: z.optional(name),
  /** A replica, for reads that may be a little behind. */
  T2M_DATABASE_READER_HOST: z.optional(name),
  /** Where a function signs in by a password instead: the secret of Secrets Manager that holds it. */
  T2M_DATABASE_SECRET: z.optional(name),
  /** The role that functions sign in as, for the function that makes it: the migration's own owns the tables. */
  T2M_DATABASE_APP_USER: z.optional(name),
  /** More certificates to trust the database by: a file of AWS's, as Lambda's own. */
  T2M_DATABASE_CA_FILE: z._default(name, "/var/runtime/ca-cert.pem"),
  T2M_FFMPEG: z.optional(name),
  T2M_FFPROBE: z.optional(name),
});
export type Environment = z.infer<typeof Environment>;
