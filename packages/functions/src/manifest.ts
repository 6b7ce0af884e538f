import type { OperationName } from "@t2m/contract/api";
import type { Bucket } from "@t2m/contract/keys";

/** What a function may do; `stacks/` makes its role from these and nothing else. */
export type Grant =
  | { table: "live"; actions: readonly TableAction[] }
  | { bucket: Bucket; actions: readonly BucketAction[]; prefix: "users/" | "work/" }
  | { secret: "database-admin"; actions: readonly SecretAction[] }
  | { database: "instance"; actions: readonly ("DescribeDBInstances" | "ModifyDBInstance")[] };

type TableAction =
  | "GetItem"
  | "PutItem"
  | "UpdateItem"
  | "DeleteItem"
  | "ConditionCheckItem"
  | "Query"
  | "BatchGetItem";
type BucketAction =
  | "GetObject"
  | "GetObjectVersion"
  | "GetObjectVersionTagging"
  | "PutObject"
  | "PutObjectTagging"
  | "DeleteObject"
  | "DeleteObjectVersion"
  | "AbortMultipartUpload"
  | "ListMultipartUploadParts"
  | "ListBucket"
  | "ListBucketVersions"
  | "ListBucketMultipartUploads";

type SecretAction = "GetSecretValue" | "DescribeSecret" | "PutSecretValue" | "UpdateSecretVersionStage";

export type FunctionSpec = {
  /** The file under `src/`, without its extension; it exports `handler`. */
  handler: string;
  memoryMb: number;
  timeoutSeconds: number;
  /** Space for the function's temporary files. 512 where absent. */
  diskMb?: number;
  layers?: readonly "ffmpeg"[];
  /** At most this many at once, on AWS and here. */
  concurrency?: number;
  streaming?: true;
  /** Uses Postgres, as the role that may change rows or as the tables' owner; so it runs in the VPC. */
  database?: "app" | "owner";
  grants: readonly Grant[];
};

const read = { table: "live", actions: ["GetItem"] } as const satisfies Grant;
const quick = { memoryMb: 512, timeoutSeconds: 15 } as const;

/** All versions of what lies below a prefix, and what was never completed there. */
const removal = [
  "ListBucketVersions",
  "DeleteObject",
  "DeleteObjectVersion",
  "AbortMultipartUpload",
  "ListBucketMultipartUploads",
] as const satisfies readonly BucketAction[];

/** To make live jobs of those that stood in line. */
const release = [
  { table: "live", actions: ["GetItem", "PutItem", "UpdateItem", "Query"] },
  { bucket: "temp", actions: ["PutObject"], prefix: "work/" },
] as const satisfies readonly Grant[];

/** Every function of the system, by its name. */
export const functions = {
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
  "sweep-due": {
    handler: "schedule/sweep-due",
    memoryMb: 512,
    timeoutSeconds: 55,
    concurrency: 1,
    grants: [
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
  // Secrets Manager starts it, on AWS only: a laptop's database has no administrator's password.
  "rotate-admin": {
    handler: "rotation/rotate-admin",
    memoryMb: 256,
    timeoutSeconds: 300,
    grants: [
      {
        secret: "database-admin",
        actions: ["GetSecretValue", "DescribeSecret", "PutSecretValue", "UpdateSecretVersionStage"],
      },
      { database: "instance", actions: ["DescribeDBInstances", "ModifyDBInstance"] },
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
  "release-queued": {
    handler: "schedule/release-queued",
    memoryMb: 512,
    timeoutSeconds: 55,
    concurrency: 1,
    database: "app",
    grants: release,
  },
  record: {
    handler: "stream/record",
    memoryMb: 512,
    timeoutSeconds: 60,
    database: "app",
    // It makes room in the line, and so makes use of it.
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
  /** Run by the deployment, before anything else of the new version answers. */
  migrate: {
    handler: "schedule/migrate",
    memoryMb: 512,
    timeoutSeconds: 900,
    concurrency: 1,
    database: "owner",
    grants: [],
  },
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
