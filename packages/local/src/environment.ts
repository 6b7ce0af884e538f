import type { Environment } from "@t2m/contract/environment";
import { bucketNames, liveTableName } from "./names.ts";
import type { Credentials } from "./settings.ts";

export type EnvironmentOptions = {
  stage: string;
  region: string;
  credentials: Credentials;
  s3Endpoint: string;
  dynamodbEndpoint: string;
  issuer: string;
  audience: string;
};

type Fixed = Record<
  Extract<keyof Environment, `T2M_BUCKET_${string}` | "T2M_STAGE" | "T2M_LIVE_TABLE">,
  string
>;

/** The variables a function needs to find this stage's parts; Lambda's own come from the sandbox. */
export function functionEnvironment(options: EnvironmentOptions): Record<string, string> & Fixed {
  const names = bucketNames(options.stage, options.region);
  const { accessKeyId, secretAccessKey, sessionToken } = options.credentials;
  return {
    T2M_STAGE: options.stage,
    T2M_LIVE_TABLE: liveTableName(options.stage),
    T2M_BUCKET_UPLOADS: names.uploads,
    T2M_BUCKET_VIDEOS: names.videos,
    T2M_BUCKET_CODE: names.code,
    T2M_BUCKET_THUMBNAILS: names.thumbnails,
    T2M_BUCKET_TEMP: names.temp,
    T2M_ISSUER: options.issuer,
    T2M_AUDIENCE: options.audience,
    AWS_REGION: options.region,
    AWS_ENDPOINT_URL_S3: options.s3Endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: options.dynamodbEndpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken ? { AWS_SESSION_TOKEN: sessionToken } : {}),
  };
}
