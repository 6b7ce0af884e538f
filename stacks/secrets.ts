import type { StageConfig } from "./config.ts";
import type { Database } from "./database.ts";
import type { Functions } from "./functions.ts";
import { componentName } from "./lib/names.ts";
import type { Security } from "./security.ts";

export type Secrets = Record<SecretName, aws.secretsmanager.Secret>;
type SecretName = "database-admin" | "gemini";

const descriptions: Record<SecretName, string> = {
  "database-admin": "The database's administrator. A function sets a new password each month.",
  gemini: 'The key of the Gemini API, as JSON: {"apiKey": "…"}. `docs/deploy.md` says how to set it.',
};

/** Secrets without their values: those are put by whoever has them, so that no state or code ever holds one. */
export function createSecrets(cfg: StageConfig, { security }: { security: Security }): Secrets {
  const create = (name: SecretName) =>
    new aws.secretsmanager.Secret(componentName(`${name}-secret`), {
      name: `${cfg.stage}-t2m-${name}`,
      description: descriptions[name],
      kmsKeyId: security.keys.secrets.arn,
      // A stage that comes and goes takes its secrets' names again.
      recoveryWindowInDays: cfg.isProduction ? 30 : 0,
    });
  return { "database-admin": create("database-admin"), gemini: create("gemini") };
}

/** The first turn comes at once: the password that the database was created with lives for a minute. */
export function createRotation(deps: {
  secrets: Secrets;
  functions: Pick<Functions, "rotate-admin">;
  database: Database;
}): aws.secretsmanager.SecretRotation {
  const secret = deps.secrets["database-admin"];
  const rotate = deps.functions["rotate-admin"];
  const allowed = new aws.lambda.Permission("RotationPermission", {
    function: rotate.arn,
    action: "lambda:InvokeFunction",
    principal: "secretsmanager.amazonaws.com",
    sourceArn: secret.arn,
  });
  return new aws.secretsmanager.SecretRotation(
    "Rotation",
    { secretId: secret.id, rotationLambdaArn: rotate.arn, rotationRules: { automaticallyAfterDays: 30 } },
    { dependsOn: [allowed, deps.database.adminValue] },
  );
}
