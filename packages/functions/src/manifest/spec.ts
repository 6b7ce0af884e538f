import type { Bucket } from "@t2m/contract/keys";

/** What a function may do; `stacks/` makes its role from these and nothing else. */
export type Grant =
  /** With `index` on that alone, else on the table alone. */
  | { table: "live"; index?: "due"; actions: readonly TableAction[] }
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
export type BucketAction =
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
