import type { StageConfig } from "./config.ts";
import type { Functions } from "./functions.ts";
import { componentName } from "./lib/names.ts";
import type { RecordPlane } from "./record.ts";
import type { Security } from "./security.ts";

const descriptions = {
  "database-admin": "The database's administrator. A function sets a new password each month.",
  gemini: 'The key of the Gemini API, as JSON: {"apiKey": "…"}. `docs/deploy.md` says how to set it.',
};

/** A secret without its value: that is put by whoever has it, so that no state or code ever holds one. */
export function createSecret(
  cfg: StageConfig,
  { security }: { security: Security },
  name: keyof typeof descriptions,
) {
  return new aws.secretsmanager.Secret(componentName(`${name}-secret`), {
    name: `${cfg.stage}-t2m-${name}`,
    description: descriptions[name],
    kmsKeyId: security.keys.secrets.arn,
    // A stage that comes and goes takes its secrets' names again.
    recoveryWindowInDays: cfg.isProduction ? 30 : 0,
  });
}

/** The first turn comes at once: the password that the database was created with lives for a minute. */
export function createRotation(
  { adminSecret, database }: RecordPlane,
  functions: Pick<Functions, "rotate-admin">,
): aws.secretsmanager.SecretRotation {
  const rotate = functions["rotate-admin"];
  const allowed = new aws.lambda.Permission("RotationPermission", {
    function: rotate.arn,
    action: "lambda:InvokeFunction",
    principal: "secretsmanager.amazonaws.com",
    sourceArn: adminSecret.arn,
  });
  return new aws.secretsmanager.SecretRotation(
    "Rotation",
    {
      secretId: adminSecret.id,
      rotationLambdaArn: rotate.arn,
      rotationRules: { automaticallyAfterDays: 30 },
    },
    { dependsOn: [allowed, database.adminValue] },
  );
}
