import { removal } from "./common.ts";
import type { FunctionSpec, Grant } from "./spec.ts";

/** What an object that is created starts. */
export const objectFunctions = {
  convert: {
    handler: "s3/convert",
    memoryMb: 3008,
    timeoutSeconds: 900,
    diskMb: 10_240,
    layers: ["ffmpeg"],
    grants: [
      { table: "live", actions: ["GetItem", "PutItem", "UpdateItem", "Query"] },
      { bucket: "uploads", actions: ["GetObject"], prefix: "users/" },
      // It looks at what it has written, and takes it back where the job was deleted meanwhile.
      ...(["videos", "thumbnails"] as const).map(
        (bucket): Grant => ({
          bucket,
          actions: ["GetObject", "PutObject", "PutObjectTagging", ...removal],
          prefix: "users/",
        }),
      ),
      { bucket: "temp", actions: ["PutObject"], prefix: "work/" },
    ],
  },
  "delete-account": {
    handler: "s3/delete-account",
    memoryMb: 512,
    timeoutSeconds: 900,
    database: "app",
    grants: [
      { table: "live", actions: ["Query", "DeleteItem"] },
      ...(["uploads", "videos", "code", "thumbnails", "temp"] as const).map(
        (bucket): Grant => ({ bucket, actions: removal, prefix: "users/" }),
      ),
    ],
  },
} as const satisfies Record<string, FunctionSpec>;
