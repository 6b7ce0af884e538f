import { release, removal } from "./common.ts";
import type { FunctionSpec, Grant } from "./spec.ts";

/** What follows the live table. */
export const streamFunctions = {
  cleanup: {
    handler: "stream/cleanup",
    memoryMb: 512,
    timeoutSeconds: 120,
    grants: [
      { table: "live", actions: ["Query", "DeleteItem"] },
      ...(["uploads", "videos", "code", "thumbnails"] as const).map(
        (bucket): Grant => ({ bucket, actions: removal, prefix: "users/" }),
      ),
      { bucket: "temp", actions: removal, prefix: "work/" },
    ],
  },
  record: {
    handler: "stream/record",
    memoryMb: 512,
    timeoutSeconds: 60,
    database: "app",
    // It makes room in the line, and so makes use of it.
    grants: release,
  },
} as const satisfies Record<string, FunctionSpec>;
