import { quick, read, release } from "./common.ts";
import type { FunctionSpec, Grant } from "./spec.ts";

/** What answers the operations of the contract. */
export const httpFunctions = {
  "create-upload": {
    ...quick,
    handler: "http/create-upload",
    grants: [
      { table: "live", actions: ["GetItem", "PutItem"] },
      { bucket: "uploads", actions: ["PutObject", "AbortMultipartUpload"], prefix: "users/" },
    ],
  },
  "list-uploads": {
    ...quick,
    handler: "http/list-uploads",
    grants: [{ table: "live", actions: ["GetItem", "Query"] }],
  },
  "get-upload": { ...quick, handler: "http/get-upload", grants: [read] },
  "sign-parts": {
    ...quick,
    handler: "http/sign-parts",
    grants: [read, { bucket: "uploads", actions: ["PutObject"], prefix: "users/" }],
  },
  "list-parts": {
    ...quick,
    handler: "http/list-parts",
    grants: [
      { table: "live", actions: ["GetItem", "UpdateItem"] },
      { bucket: "uploads", actions: ["ListMultipartUploadParts"], prefix: "users/" },
    ],
  },
  "record-part": {
    ...quick,
    handler: "http/record-part",
    grants: [{ table: "live", actions: ["GetItem", "UpdateItem"] }],
  },
  "complete-upload": {
    ...quick,
    timeoutSeconds: 29,
    handler: "http/complete-upload",
    grants: [
      { table: "live", actions: ["GetItem", "UpdateItem"] },
      {
        bucket: "uploads",
        actions: ["PutObject", "GetObject", "ListMultipartUploadParts"],
        prefix: "users/",
      },
    ],
  },
  "abort-upload": {
    ...quick,
    handler: "http/abort-upload",
    grants: [
      { table: "live", actions: ["GetItem", "UpdateItem", "DeleteItem", "Query", "PutItem"] },
      { bucket: "uploads", actions: ["AbortMultipartUpload"], prefix: "users/" },
    ],
  },
  "create-job": {
    ...quick,
    handler: "http/create-job",
    grants: [
      { table: "live", actions: ["GetItem", "PutItem", "UpdateItem"] },
      { bucket: "temp", actions: ["PutObject"], prefix: "work/" },
    ],
  },
  "list-jobs": {
    ...quick,
    handler: "http/list-jobs",
    grants: [{ table: "live", actions: ["GetItem", "Query"] }],
  },
  "get-job": { ...quick, handler: "http/get-job", grants: [read] },
  "stream-job": {
    ...quick,
    timeoutSeconds: 60,
    streaming: true,
    handler: "http/stream-job",
    grants: [{ table: "live", actions: ["GetItem", "Query"] }],
  },
  "cancel-job": {
    ...quick,
    handler: "http/cancel-job",
    grants: [{ table: "live", actions: ["GetItem", "PutItem", "UpdateItem", "Query"] }],
  },
  "delete-job": {
    ...quick,
    handler: "http/delete-job",
    grants: [{ table: "live", actions: ["GetItem", "DeleteItem"] }],
  },
  "sign-output": {
    ...quick,
    handler: "http/sign-output",
    grants: [
      read,
      { bucket: "videos", actions: ["GetObject"], prefix: "users/" },
      { bucket: "thumbnails", actions: ["GetObject"], prefix: "users/" },
    ],
  },
  "list-presets": { ...quick, handler: "http/list-presets", grants: [] },
  "check-health": {
    ...quick,
    handler: "http/check-health",
    grants: [read, { bucket: "uploads", actions: ["ListBucket"], prefix: "users/" }],
  },
  history: { ...quick, database: "app", handler: "http/history", grants: [] },
  people: {
    ...quick,
    timeoutSeconds: 29,
    database: "app",
    handler: "http/people",
    grants: [
      { table: "live", actions: ["UpdateItem"] },
      { bucket: "temp", actions: ["PutObject", "GetObject", "AbortMultipartUpload"], prefix: "users/" },
      { bucket: "temp", actions: ["PutObject"], prefix: "work/" },
    ],
  },
  files: {
    ...quick,
    timeoutSeconds: 29,
    database: "app",
    handler: "http/files",
    grants: (["uploads", "videos", "code", "thumbnails"] as const).map(
      (bucket): Grant => ({
        bucket,
        actions: [
          "GetObject",
          "GetObjectVersion",
          "GetObjectVersionTagging",
          "PutObject",
          "PutObjectTagging",
          "ListBucketVersions",
        ],
        prefix: "users/",
      }),
    ),
  },
  "open-share": {
    ...quick,
    database: "app",
    handler: "http/open-share",
    grants: (["uploads", "videos", "code", "thumbnails"] as const).map(
      (bucket): Grant => ({ bucket, actions: ["GetObject"], prefix: "users/" }),
    ),
  },
  "create-batch": {
    ...quick,
    timeoutSeconds: 29,
    database: "app",
    handler: "http/create-batch",
    grants: release,
  },
  batches: { ...quick, timeoutSeconds: 29, database: "app", handler: "http/batches", grants: release },
  admin: {
    ...quick,
    database: "app",
    handler: "http/admin",
    grants: [{ table: "live", actions: ["GetItem", "PutItem", "UpdateItem", "Query"] }],
  },
} as const satisfies Record<string, FunctionSpec>;
