import type { Database } from "./database.ts";
import type { Functions } from "./functions.ts";
import type { Network } from "./network.ts";
import { createRotation, type Secrets } from "./secrets.ts";

type Deps = {
  functions: Pick<Functions, "migrate" | "rotate-admin">;
  database: Database;
  network: Network;
  secrets: Secrets;
};

/**
 * Brings the database to the newest schema in each deployment, before any function that uses it is changed. Where it
 * fails, so does the deployment, with what `migrate` said.
 */
export function createMigration({ functions, database, network, secrets }: Deps): aws.lambda.Invocation {
  const rotation = createRotation({ secrets, functions, database });
  return new aws.lambda.Invocation(
    "Migration",
    {
      functionName: functions.migrate.name,
      input: "{}",
      // Each time, changed or not: the database may be an older copy that somebody brought back.
      triggers: { deployedAt: new Date().toISOString() },
    },
    // The password that it signs in by comes with the first rotation; `migrate` waits until that is done.
    { dependsOn: [rotation, ...network.adminWays] },
  );
}
