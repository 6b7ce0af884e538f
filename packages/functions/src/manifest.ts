import type { OperationName } from "@t2m/contract/api";
import type { Bucket } from "@t2m/contract/keys";
import { deploymentFunctions } from "./manifest/deployment.ts";
import { httpFunctions } from "./manifest/http.ts";
import { objectFunctions } from "./manifest/objects.ts";
import { scheduledFunctions } from "./manifest/schedules.ts";
import type { FunctionSpec } from "./manifest/spec.ts";
import { streamFunctions } from "./manifest/stream.ts";

/** Every function of the system, by its name. */
export const functions = {
  ...httpFunctions,
  ...objectFunctions,
  ...streamFunctions,
  ...scheduledFunctions,
  ...deploymentFunctions,
} as const satisfies Record<string, FunctionSpec>;

export type FunctionName = keyof typeof functions;

/** Which function answers which operation of the contract. */
export const http = {
  createUpload: "create-upload",
  listUploads: "list-uploads",
  getUpload: "get-upload",
  signParts: "sign-parts",
  listParts: "list-parts",
  recordPart: "record-part",
  completeUpload: "complete-upload",
  abortUpload: "abort-upload",
  createJob: "create-job",
  listJobs: "list-jobs",
  getJob: "get-job",
  streamJob: "stream-job",
  cancelJob: "cancel-job",
  deleteJob: "delete-job",
  signOutput: "sign-output",
  listPresets: "list-presets",
  checkHealth: "check-health",
  listHistory: "history",
  getPastJob: "history",
  deletePastJob: "history",
  getMe: "people",
  changeMe: "people",
  deleteMe: "people",
  listSessions: "people",
  revokeSession: "people",
  listActivity: "people",
  getStatistics: "people",
  exportMyData: "people",
  listFiles: "files",
  getFile: "files",
  signFile: "files",
  listFileVersions: "files",
  restoreFileVersion: "files",
  shareFile: "files",
  listShares: "files",
  revokeShare: "files",
  openShare: "open-share",
  createBatch: "create-batch",
  listBatches: "batches",
  getBatch: "batches",
  listBatchJobs: "batches",
  pauseBatch: "batches",
  resumeBatch: "batches",
  cancelBatch: "batches",
  getQueue: "batches",
  listUsers: "admin",
  getUser: "admin",
  listUserActivity: "admin",
  changeAccess: "admin",
  setSuspension: "admin",
  listAllJobs: "admin",
  cancelForUser: "admin",
  listFailures: "admin",
  getThroughput: "admin",
  getStorageUse: "admin",
  getWholeQueue: "admin",
} as const satisfies Record<OperationName, FunctionName>;

/** Objects whose creation starts a function: invoked asynchronously, retried twice, then `on-failure`. */
export const objectTriggers = [
  { bucket: "uploads", prefix: "users/", function: "convert" },
  { bucket: "temp", prefix: "work/convert/", function: "convert" },
  { bucket: "temp", prefix: "work/delete-account/", function: "delete-account" },
] as const satisfies readonly { bucket: Bucket; prefix: string; function: FunctionName }[];

/**
 * Consumers of the live table's stream, at most two. `remove` with `entities`: only deletions of such items
 * (the attribute `entity` of the old image), by TTL or by hand.
 */
export const streamTriggers = [
  { function: "cleanup", events: ["REMOVE"], entities: ["upload", "job"], batchSize: 20, retries: 5 },
  {
    function: "record",
    events: ["INSERT", "MODIFY", "REMOVE"],
    entities: ["upload", "job", "event"],
    batchSize: 100,
    // It sets aside itself what can never be recorded; the rest waits for Postgres as long as the stream does.
    retries: -1,
  },
] as const satisfies readonly {
  function: FunctionName;
  events: readonly ("INSERT" | "MODIFY" | "REMOVE")[];
  entities: readonly string[];
  batchSize: number;
  /** Of a record that fails alone; -1: until the stream forgets it. */
  retries: number;
}[];

export const schedules = [
  { function: "sweep-due", everyMinutes: 1 },
  { function: "sweep-orphans", everyMinutes: 60 },
  { function: "release-queued", everyMinutes: 1 },
  { function: "sweep-record", everyMinutes: 60 },
] as const satisfies readonly { function: FunctionName; everyMinutes: number }[];
