import type { BucketAction, Grant } from "./spec.ts";

export const read = { table: "live", actions: ["GetItem"] } as const satisfies Grant;
export const quick = { memoryMb: 512, timeoutSeconds: 15 } as const;

/** All versions of what lies below a prefix, and what was never completed there. */
export const removal = [
  "ListBucketVersions",
  "DeleteObject",
  "DeleteObjectVersion",
  "AbortMultipartUpload",
  "ListBucketMultipartUploads",
] as const satisfies readonly BucketAction[];

/** To make live jobs of those that stood in line. */
export const release = [
  { table: "live", actions: ["GetItem", "PutItem", "UpdateItem", "Query"] },
  { bucket: "temp", actions: ["PutObject"], prefix: "work/" },
] as const satisfies readonly Grant[];
