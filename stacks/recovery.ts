import type { StageConfig } from "./config.ts";
import type { Database } from "./database.ts";
import type { Security } from "./security.ts";
import type { Storage } from "./storage.ts";
import type { Tables } from "./tables.ts";

type Deps = {
  alerts: aws.sns.Topic;
  security: Security;
  storage: Storage;
  tables: Tables;
  database: Database | undefined;
};
type Copy = { name: string; cron: string; keptDays: number };

const daily: Copy = { name: "daily", cron: "cron(0 2 * * ? *)", keptDays: 35 };
const weekly: Copy = { name: "weekly", cron: "cron(0 3 ? * SUN *)", keptDays: 90 };
const monthly: Copy = { name: "monthly", cron: "cron(0 4 1 * ? *)", keptDays: 365 };

/** Beside what RDS and DynamoDB keep themselves: copies that nobody who breaks into a service can take away. */
export function createRecovery(cfg: StageConfig, deps: Deps): aws.backup.Vault {
  const vault = createVault(cfg, "Backups", cfg.region, deps.security.keys.backups);
  const copies = cfg.isProduction ? [daily, weekly, monthly] : [{ ...daily, keptDays: 7 }];
  const elsewhere = createSecondVault(cfg, deps.security);
  const plan = new aws.backup.Plan("BackupPlan", {
    name: `${cfg.stage}-t2m`,
    rules: copies.map(({ name, cron, keptDays }) => ({
      ruleName: name,
      targetVaultName: vault.name,
      schedule: cron,
      startWindow: 60,
      completionWindow: 360,
      lifecycle: { deleteAfter: keptDays },
      ...(elsewhere
        ? { copyActions: [{ destinationVaultArn: elsewhere.arn, lifecycle: { deleteAfter: keptDays } }] }
        : {}),
    })),
  });
  const role = createRole(cfg);
  new aws.backup.Selection("BackupSelection", {
    name: `${cfg.stage}-t2m`,
    planId: plan.id,
    iamRoleArn: role.arn,
    resources: resourcesOf(deps),
  });
  if (cfg.isProduction) createRestoreTests(cfg, vault, role, deps);
  return vault;
}

/** What a new deployment could not make again. Sources and thumbnails live for days and have replicas. */
function resourcesOf({ database, tables, storage }: Deps) {
  const rows = database ? [database.instance.arn] : [];
  return [...rows, tables.live.arn, storage.videos.arn, storage.code.arn];
}

function createSecondVault(cfg: StageConfig, { replicaKey }: Security) {
  if (!cfg.replicaRegion || !replicaKey) return undefined;
  return createVault(cfg, "BackupCopies", cfg.replicaRegion, replicaKey);
}

/** In production a lock keeps everybody, administrators too, from deleting a copy before its time. */
function createVault(cfg: StageConfig, component: string, region: string, key: aws.kms.Key) {
  const vault = new aws.backup.Vault(component, {
    name: `${cfg.stage}-t2m`,
    region,
    kmsKeyArn: key.arn,
    forceDestroy: !cfg.isProduction,
  });
  if (cfg.isProduction) {
    new aws.backup.VaultLockConfiguration(`${component}Lock`, {
      backupVaultName: vault.name,
      region,
      minRetentionDays: 7,
      maxRetentionDays: 400,
      // Until then a mistake in it can be taken back; afterwards nobody can.
      changeableForDays: 14,
    });
  }
  return vault;
}

/** AWS keeps these policies as its services change; written out they would be pages that go stale. */
function createRole(cfg: StageConfig) {
  const { partition } = aws.getPartitionOutput({});
  const managed = ["AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"];
  const forS3 = ["AWSBackupServiceRolePolicyForS3Backup", "AWSBackupServiceRolePolicyForS3Restore"];
  return new aws.iam.Role("BackupRole", {
    name: `${cfg.stage}-t2m-backup`,
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "backup.amazonaws.com" }),
    managedPolicyArns: [
      ...managed.map((name) => $interpolate`arn:${partition}:iam::aws:policy/service-role/${name}`),
      ...forS3.map((name) => $interpolate`arn:${partition}:iam::aws:policy/${name}`),
    ],
  });
}

/** A backup that was never restored is a hope: AWS brings the newest of each kind back every week and takes it away. */
function createRestoreTests(cfg: StageConfig, vault: aws.backup.Vault, role: aws.iam.Role, deps: Deps) {
  const plan = new aws.backup.RestoreTestingPlan("RestoreTests", {
    name: `${cfg.stage}_t2m`,
    scheduleExpression: "cron(0 6 ? * MON *)",
    startWindowHours: 4,
    recoveryPointSelection: {
      algorithm: "LATEST_WITHIN_WINDOW",
      includeVaults: [vault.arn],
      recoveryPointTypes: ["SNAPSHOT", "CONTINUOUS"],
      selectionWindowDays: 8,
    },
  });
  const kinds: [string, $util.Output<string>][] = [
    ...(deps.database ? [["RDS", deps.database.instance.arn] satisfies [string, unknown]] : []),
    ["DynamoDB", deps.tables.live.arn],
    ["S3", deps.storage.code.arn],
  ];
  // Three mails a week that say whether each kind came back, and one for each copy that was not made.
  new aws.backup.VaultNotifications("BackupNews", {
    backupVaultName: vault.name,
    snsTopicArn: deps.alerts.arn,
    backupVaultEvents: ["RESTORE_JOB_COMPLETED", "COPY_JOB_FAILED"],
  });
  for (const [kind, arn] of kinds) {
    new aws.backup.RestoreTestingSelection(`RestoreTest${kind}`, {
      name: `${cfg.stage}_${kind}`,
      restoreTestingPlanName: plan.name,
      iamRoleArn: role.arn,
      protectedResourceType: kind,
      protectedResourceArns: [arn],
      validationWindowHours: 1,
    });
  }
}
