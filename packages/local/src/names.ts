import { type Bucket, buckets } from "@t2m/contract/keys";

/** AWS's account number; here there is none. */
export const account = "000000000000";

/** The name of a stage's bucket: S3's names are the whole world's, so region and account are in it. */
export function bucketName(stage: string, bucket: Bucket, region: string): string {
  return `${stage}-t2m-${bucket}-${region}-${account}`;
}

export function bucketNames(stage: string, region: string): Record<Bucket, string> {
  const name = (bucket: Bucket) => bucketName(stage, bucket, region);
  return {
    uploads: name("uploads"),
    videos: name("videos"),
    code: name("code"),
    thumbnails: name("thumbnails"),
    temp: name("temp"),
  };
}

/** The bucket of that name, or undefined where it is none of the stage's. */
export function bucketOf(name: string, stage: string, region: string): Bucket | undefined {
  return buckets.find((bucket) => bucketName(stage, bucket, region) === name);
}

export function liveTableName(stage: string): string {
  return `${stage}-t2m-live`;
}

export function functionArn(name: string, region: string): string {
  return `arn:aws:lambda:${region}:${account}:function:${name}`;
}
