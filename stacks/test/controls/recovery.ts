import type { Resource } from "../synthesized.ts";
import { type Control, valueAt } from "./control.ts";

const plan = "aws:backup/plan:Plan";
const vault = "aws:backup/vault:Vault";
const rulesOf = ({ inputs }: Pick<Resource, "inputs">): unknown[] =>
  Array.isArray(inputs.rules) ? inputs.rules : [];

export const recoveryControls: Control[] = [
  {
    id: "own.backup-rhythm",
    promise: "by day, week and month",
    type: plan,
    check: (resource) => {
      const names = rulesOf(resource).map((rule) => valueAt(rule, "ruleName"));
      return names.join() === "daily,weekly,monthly" ? undefined : `is made ${names}`;
    },
  },
  {
    id: "own.backup-elsewhere",
    promise: "each backup has a copy in another region",
    type: plan,
    check: (resource) =>
      rulesOf(resource).every((rule) => valueAt(rule, "copyActions.0.destinationVaultArn"))
        ? undefined
        : "stays in one region",
  },
  {
    id: "own.backup-what",
    promise: "of rows, items and objects",
    type: "aws:backup/selection:Selection",
    check: ({ inputs }) => {
      const missing = [":rds:", ":dynamodb:", ":s3:"].filter(
        (kind) => !JSON.stringify(inputs.resources).includes(kind),
      );
      return missing.length > 0 ? `forgets ${missing}` : undefined;
    },
  },
  {
    id: "own.vault-lock",
    promise: "nobody deletes a backup before its time",
    type: vault,
    check: ({ inputs }, all) =>
      all.some(
        ({ type, inputs: lock }) =>
          type === "aws:backup/vaultLockConfiguration:VaultLockConfiguration" &&
          lock.backupVaultName === inputs.name &&
          lock.region === inputs.region &&
          Number(lock.minRetentionDays) >= 7 &&
          Number(lock.changeableForDays) >= 3,
      )
        ? undefined
        : "can be emptied",
  },
  {
    id: "own.backup-watched",
    promise: "somebody is told of a backup that was not made",
    type: plan,
    check: ({ inputs }, all) => {
      const vaults = rulesOf({ inputs }).map((rule) => valueAt(rule, "targetVaultName"));
      const watched = all
        .filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm")
        .map((alarm) => JSON.stringify(alarm.inputs.metricQueries) ?? "")
        .filter((text) => text.includes("NumberOfBackupJobsFailed"));
      const isWatched = (vault: unknown) =>
        watched.some((text) => text.includes(`"BackupVaultName":"${vault}"`));
      return vaults.every(isWatched) ? undefined : "fails without a word";
    },
  },
  {
    id: "own.alarm-tells",
    promise: "an alarm tells somebody",
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    check: ({ inputs }, all) => {
      const topics = all
        .filter(({ type }) => type === "aws:sns/topic:Topic")
        .map(({ inputs }) => inputs.name);
      const told = String(valueAt(inputs.alarmActions, "0")).split(":").at(-1);
      return topics.includes(told) && inputs.actionsEnabled !== false ? undefined : "rings unheard";
    },
  },
  {
    id: "own.vault-key",
    promise: "encrypted by a key of ours",
    type: vault,
    check: ({ inputs }) => (inputs.kmsKeyArn ? undefined : "is encrypted by Backup's key"),
  },
  {
    id: "own.restore-tests",
    promise: "every kind of backup is brought back regularly",
    type: "aws:backup/restoreTestingPlan:RestoreTestingPlan",
    check: ({ inputs }, all) => {
      const tested = all
        .filter(({ type }) => type === "aws:backup/restoreTestingSelection:RestoreTestingSelection")
        .filter((each) => each.inputs.restoreTestingPlanName === inputs.name)
        .map((each) => String(each.inputs.protectedResourceType));
      const missing = ["RDS", "DynamoDB", "S3"].filter((kind) => !tested.includes(kind));
      return missing.length > 0 ? `leaves out ${missing}` : undefined;
    },
  },
];
