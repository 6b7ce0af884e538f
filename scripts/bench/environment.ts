/** Variables with which handlers and core can be imported; nothing is called with them. */
export const placeholders = {
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "bench",
  AWS_SECRET_ACCESS_KEY: "bench",
  T2M_STAGE: "bench",
  T2M_LIVE_TABLE: "bench",
  T2M_BUCKET_UPLOADS: "uploads",
  T2M_BUCKET_VIDEOS: "videos",
  T2M_BUCKET_CODE: "code",
  T2M_BUCKET_THUMBNAILS: "thumbnails",
  T2M_BUCKET_TEMP: "temp",
  T2M_ISSUER: "https://issuer.example",
  T2M_AUDIENCE: "t2m",
} as const;
