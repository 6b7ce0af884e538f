import { Environment } from "@t2m/contract/environment";
import type { Bucket } from "@t2m/contract/keys";
import * as z from "zod/mini";

/** What the AWS SDKs read too. Lambda sets region and credentials; the endpoints replace a service by another. */
const AwsEnvironment = z.object({
  AWS_REGION: z.string("is missing").check(z.minLength(1, "is empty")),
  AWS_ACCESS_KEY_ID: z.string("is missing").check(z.minLength(1, "is empty")),
  AWS_SECRET_ACCESS_KEY: z.string("is missing").check(z.minLength(1, "is empty")),
  AWS_SESSION_TOKEN: z.optional(z.string()),
  AWS_CREDENTIAL_EXPIRATION: z.optional(
    z.string().check(z.refine((time) => !Number.isNaN(Date.parse(time)), "must be an ISO 8601 time")),
  ),
  AWS_ENDPOINT_URL: z.optional(z.url("must be a URL")),
  AWS_ENDPOINT_URL_S3: z.optional(z.url("must be a URL")),
  AWS_ENDPOINT_URL_DYNAMODB: z.optional(z.url("must be a URL")),
  AWS_ENDPOINT_URL_SECRETS_MANAGER: z.optional(z.url("must be a URL")),
  AWS_ENDPOINT_URL_RDS: z.optional(z.url("must be a URL")),
});

export type Credentials = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | undefined;
  /** When the session token ends, where the environment says so. */
  expiresAt: Date | undefined;
};

/** Where Postgres is and how to sign in: as the URL says, by the password in a secret, or by a token of IAM's. */
export type DatabaseConfig =
  | { url: string }
  | {
      host: string;
      port: number;
      name: string;
      user: string;
      /** A replica's, for reads that may be a little behind. */
      readerHost: string | undefined;
      /** Of Secrets Manager: its name. */
      secret: string | undefined;
      caFile: string;
    };

export type Config = {
  stage: string;
  liveTable: string;
  buckets: Record<Bucket, string>;
  issuer: string;
  audience: string;
  maximumUploadBytes: number;
  maximumMediaSeconds: number;
  retentionSeconds: number;
  leaseSeconds: number;
  /** How many jobs of batches run at once: somebody's, and everybody's. */
  queueLimits: { perUser: number; all: number };
  ffmpegPath: string | undefined;
  ffprobePath: string | undefined;
  /** Undefined for functions of the live plane. */
  database: DatabaseConfig | undefined;
  databaseAppUser: string | undefined;
  aws: {
    region: string;
    credentials: Credentials;
    /** Where the services are when not at AWS; without a slash at the end. */
    s3Endpoint: string | undefined;
    dynamodbEndpoint: string | undefined;
    secretsManagerEndpoint: string | undefined;
    rdsEndpoint: string | undefined;
  };
};

/** The environment is not as this program needs it; the message names every problem at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment is incomplete: ${problems.join("; ")}`);
    this.problems = problems;
  }
}

let known: Config | undefined;

/** The settings of this process, read once. Throws `ConfigError` with all problems. */
export function config(): Config {
  known ??= configFrom(process.env);
  return known;
}

/** As `config`, from variables given; empty ones count as absent. */
export function configFrom(variables: Record<string, string | undefined>): Config {
  const present = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const ours = Environment.safeParse(present);
  const aws = AwsEnvironment.safeParse(present);
  if (!ours.success || !aws.success) {
    const issues = [...(ours.error?.issues ?? []), ...(aws.error?.issues ?? [])];
    throw new ConfigError(issues.map((issue) => `${issue.path.join(".")} ${issue.message}`));
  }
  return settings(ours.data, aws.data);
}

function databaseFrom(ours: Environment): DatabaseConfig | undefined {
  if (ours.T2M_DATABASE_URL) return { url: ours.T2M_DATABASE_URL };
  const { T2M_DATABASE_HOST: host, T2M_DATABASE_NAME: name, T2M_DATABASE_USER: user } = ours;
  if (!host && !name && !user) return undefined;
  if (!host || !name || !user) {
    const missing = Object.entries({ HOST: host, NAME: name, USER: user }).filter(([, value]) => !value);
    throw new ConfigError(missing.map(([which]) => `T2M_DATABASE_${which} is missing`));
  }
  const { T2M_DATABASE_PORT: port, T2M_DATABASE_READER_HOST: readerHost } = ours;
  const { T2M_DATABASE_SECRET: secret, T2M_DATABASE_CA_FILE: caFile } = ours;
  return { host, port, name, user, readerHost, secret, caFile };
}

function settings(ours: Environment, aws: z.infer<typeof AwsEnvironment>): Config {
  const expiration = aws.AWS_CREDENTIAL_EXPIRATION;
  const endpoint = (own: string | undefined) => (own ?? aws.AWS_ENDPOINT_URL)?.replace(/\/+$/, "");
  return {
    stage: ours.T2M_STAGE,
    liveTable: ours.T2M_LIVE_TABLE,
    buckets: {
      uploads: ours.T2M_BUCKET_UPLOADS,
      videos: ours.T2M_BUCKET_VIDEOS,
      code: ours.T2M_BUCKET_CODE,
      thumbnails: ours.T2M_BUCKET_THUMBNAILS,
      temp: ours.T2M_BUCKET_TEMP,
    },
    issuer: ours.T2M_ISSUER,
    audience: ours.T2M_AUDIENCE,
    maximumUploadBytes: ours.T2M_MAXIMUM_UPLOAD_BYTES,
    maximumMediaSeconds: ours.T2M_MAXIMUM_MEDIA_SECONDS,
    retentionSeconds: ours.T2M_RETENTION_SECONDS,
    leaseSeconds: ours.T2M_LEASE_SECONDS,
    queueLimits: { perUser: ours.T2M_QUEUE_PER_USER, all: ours.T2M_QUEUE_ALL },
    ffmpegPath: ours.T2M_FFMPEG,
    ffprobePath: ours.T2M_FFPROBE,
    database: databaseFrom(ours),
    databaseAppUser: ours.T2M_DATABASE_APP_USER,
    aws: {
      region: aws.AWS_REGION,
      credentials: {
        accessKeyId: aws.AWS_ACCESS_KEY_ID,
        secretAccessKey: aws.AWS_SECRET_ACCESS_KEY,
        sessionToken: aws.AWS_SESSION_TOKEN,
        expiresAt: expiration ? new Date(expiration) : undefined,
      },
      s3Endpoint: endpoint(aws.AWS_ENDPOINT_URL_S3),
      dynamodbEndpoint: endpoint(aws.AWS_ENDPOINT_URL_DYNAMODB),
      secretsManagerEndpoint: endpoint(aws.AWS_ENDPOINT_URL_SECRETS_MANAGER),
      rdsEndpoint: endpoint(aws.AWS_ENDPOINT_URL_RDS),
    },
  };
}
