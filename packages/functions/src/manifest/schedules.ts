import { release, removal } from "./common.ts";
import type { FunctionSpec, Grant } from "./spec.ts";

/** What runs by the clock. */
export const scheduledFunctions = {
  "sweep-due": {
    handler: "schedule/sweep-due",
    memoryMb: 512,
    timeoutSeconds: 55,
    concurrency: 1,
    grants: [
      { table: "live", index: "due", actions: ["Query"] },
      { table: "live", actions: ["Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem"] },
      { bucket: "temp", actions: ["PutObject"], prefix: "work/" },
    ],
  },
  "sweep-orphans": {
    handler: "schedule/sweep-orphans",
    memoryMb: 512,
    timeoutSeconds: 600,
    concurrency: 1,
    grants: [
      { table: "live", actions: ["GetItem", "PutItem"] },
      ...(["uploads", "videos", "code", "thumbnails"] as const).map(
        (bucket): Grant => ({ bucket, actions: removal, prefix: "users/" }),
      ),
    ],
  },
  "release-queued": {
    handler: "schedule/release-queued",
    memoryMb: 512,
    timeoutSeconds: 55,
    concurrency: 1,
    database: "app",
    grants: release,
  },
  "sweep-record": {
    handler: "schedule/sweep-record",
    memoryMb: 512,
    timeoutSeconds: 600,
    concurrency: 1,
    database: "app",
    grants: [],
  },
} as const satisfies Record<string, FunctionSpec>;
