import type { Functions } from "./functions.ts";
import type { RecordPlane } from "./record.ts";
import { createRotation } from "./secrets.ts";

/**
 * Brings the database to the newest schema in each deployment, before any function that uses it is changed. Where it
 * fails, so does the deployment, with what `migrate` said.
 */
export function createMigration(
  record: RecordPlane,
  functions: Pick<Functions, "migrate" | "rotate-admin">,
): aws.lambda.Invocation {
  const rotation = createRotation(record, functions);
  return new aws.lambda.Invocation(
    "Migration",
    {
      functionName: functions.migrate.name,
      input: "{}",
      // Each time, changed or not: the database may be an older copy that somebody brought back.
      triggers: { deployedAt: new Date().toISOString() },
    },
    // The password that it signs in by comes with the first rotation; `migrate` waits until that is done.
    { dependsOn: [rotation, ...record.network.adminWays] },
  );
}
