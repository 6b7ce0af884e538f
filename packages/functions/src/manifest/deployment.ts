import type { FunctionSpec } from "./spec.ts";

/** What the deployment or AWS itself starts. */
export const deploymentFunctions = {
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
