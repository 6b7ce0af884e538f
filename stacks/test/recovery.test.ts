import { describe, expect, test } from "vitest";
import { regionOf, stages, synthesized } from "./synthesized.ts";

const plan = "aws:backup/plan:Plan";

describe.each(stages)("%s", (stage) => {
  const { all, where } = synthesized(stage);
  const region = regionOf(stage);
  const isProduction = stage === "production";
  const vaultArn = (place: string) => `arn:aws:backup:${place}:123456789012:backup-vault:${stage}-t2m`;
  const database = `arn:aws:rds:${region}:123456789012:db:${stage}-t2m`;
  const table = `arn:aws:dynamodb:${region}:123456789012:table/${stage}-t2m-live`;
  const bucket = (kind: string) => `arn:aws:s3:::${stage}-t2m-${kind}-${region}-123456789012`;

  test("[V7.5] [A11.1] backups are made every day; in production by the week and month too, for a year", () => {
    const { rules } = where(plan, "name", `${stage}-t2m`).inputs;
    const days = isProduction ? { daily: 35, weekly: 90, monthly: 365 } : { daily: 7 };
    expect(rules).toEqual(
      Object.entries(days).map(([ruleName, deleteAfter]) =>
        expect.objectContaining({ ruleName, targetVaultName: `${stage}-t2m`, lifecycle: { deleteAfter } }),
      ),
    );
  });

  test("[V7.1] they hold rows, items and what was made from them", () => {
    expect(where("aws:backup/selection:Selection", "name", `${stage}-t2m`).inputs).toMatchObject({
      planId: "BackupPlan-id",
      resources: [database, table, bucket("videos"), bucket("code")],
    });
  });

  test("[V7.2] production's have copies in a second region, under a key of that region", () => {
    const copies = JSON.stringify(where(plan, "name", `${stage}-t2m`).inputs.rules).match(
      /destinationVaultArn/g,
    );
    const vaults = all("aws:backup/vault:Vault").map(({ inputs }) => inputs);
    if (!isProduction) {
      expect(copies).toBeNull();
      expect(vaults.map((vault) => vault.region)).toEqual([region]);
      return;
    }
    expect(copies).toHaveLength(3);
    expect(vaults.map((vault) => [vault.region, vault.kmsKeyArn]).sort()).toEqual([
      [region, `arn:aws:kms:${region}:123456789012:key/BackupsKey`],
      ["eu-north-1", "arn:aws:kms:eu-north-1:123456789012:key/ReplicaKey"],
    ]);
    expect(JSON.stringify(where(plan, "name", `${stage}-t2m`).inputs.rules)).toContain(
      vaultArn("eu-north-1"),
    );
  });

  test("production's are locked: nobody, whatever they may do, deletes one before its time", () => {
    const locks = all("aws:backup/vaultLockConfiguration:VaultLockConfiguration").map(({ inputs }) => inputs);
    expect(locks.map((lock) => lock.region).sort()).toEqual(isProduction ? [region, "eu-north-1"] : []);
    for (const lock of locks) {
      expect(lock).toMatchObject({ minRetentionDays: 7, maxRetentionDays: 400, changeableForDays: 14 });
    }
  });

  test("[V7.3] every week production brings a backup of each kind back, from the vault, takes it away again and tells how it went", () => {
    const plans = all("aws:backup/restoreTestingPlan:RestoreTestingPlan");
    expect(plans).toHaveLength(isProduction ? 1 : 0);
    const tested = all("aws:backup/restoreTestingSelection:RestoreTestingSelection").map(
      ({ inputs }) => inputs,
    );
    expect(tested.map((each) => [each.protectedResourceType, each.protectedResourceArns])).toEqual(
      isProduction
        ? [
            ["DynamoDB", [table]],
            ["RDS", [database]],
            ["S3", [bucket("code")]],
          ]
        : [],
    );
    const news = all("aws:backup/vaultNotifications:VaultNotifications").map(({ inputs }) => inputs);
    expect(news).toEqual(
      isProduction
        ? [
            {
              backupVaultName: "production-t2m",
              snsTopicArn: `arn:aws:sns:${region}:123456789012:production-t2m-alerts`,
              backupVaultEvents: ["RESTORE_JOB_COMPLETED", "COPY_JOB_FAILED"],
            },
          ]
        : [],
    );
    for (const { inputs } of plans) {
      expect(inputs).toMatchObject({
        scheduleExpression: "cron(0 6 ? * MON *)",
        recoveryPointSelection: { includeVaults: [vaultArn(region)], algorithm: "LATEST_WITHIN_WINDOW" },
      });
    }
  });
});
