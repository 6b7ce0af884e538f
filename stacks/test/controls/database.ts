import type { Resource } from "../synthesized.ts";
import { type Control, includes, is, property, valueAt } from "./control.ts";

const instance = "aws:rds/instance:Instance";
const proxy = "aws:rds/proxy:Proxy";
const secret = "aws:secretsmanager/secret:Secret";
const ofInstance = (id: string, path: string, promise: string, isGood: (value: unknown) => boolean) =>
  property(id, instance, path, promise, isGood);

/** RDS tells of what happens to instances, parameters and groups, each by a subscription. */
function told(id: string, sourceType: string, categories: readonly string[]): Control {
  return {
    id,
    promise: `somebody is told of what happens to a ${sourceType}`,
    type: instance,
    check: (_, all) => {
      const subscribed = all.some(
        ({ type, inputs }) =>
          type === "aws:rds/eventSubscription:EventSubscription" &&
          inputs.sourceType === sourceType &&
          inputs.enabled !== false &&
          categories.every((category) => includes(category)(inputs.eventCategories)),
      );
      return subscribed ? undefined : "nobody is told";
    },
  };
}

function rotationOf({ name }: Resource, all: readonly Resource[]) {
  return all.find(
    ({ type, inputs }) =>
      type === "aws:secretsmanager/secretRotation:SecretRotation" && inputs.secretId === `${name}-id`,
  );
}

export const databaseControls: Control[] = [
  ofInstance("RDS.2", "publiclyAccessible", "not reached from outside", is(false)),
  ofInstance("RDS.3", "storageEncrypted", "encrypted", is(true)),
  ofInstance("RDS.5", "multiAz", "survives the loss of a zone", is(true)),
  ofInstance("RDS.6", "monitoringInterval", "watched closely", (seconds) => Number(seconds) > 0),
  ofInstance("RDS.8", "deletionProtection", "cannot be deleted by accident", is(true)),
  ofInstance("RDS.9", "enabledCloudwatchLogsExports", "logs of upgrades go out", includes("upgrade")),
  ofInstance("RDS.36", "enabledCloudwatchLogsExports", "its log goes out", includes("postgresql")),
  ofInstance("RDS.10", "iamDatabaseAuthenticationEnabled", "people come by IAM", is(true)),
  ofInstance("RDS.11", "backupRetentionPeriod", "a month of backups", (days) => Number(days) >= 30),
  ofInstance("RDS.13", "autoMinorVersionUpgrade", "fixes come by themselves", is(true)),
  ofInstance("RDS.17", "copyTagsToSnapshot", "snapshots keep their tags", is(true)),
  ofInstance("RDS.18", "dbSubnetGroupName", "lives in our network", Boolean),
  told("RDS.20", "db-instance", ["maintenance", "configuration change", "failure"]),
  told("RDS.21", "db-parameter-group", ["configuration change"]),
  told("RDS.22", "db-security-group", ["configuration change", "failure"]),
  ofInstance(
    "RDS.23",
    "port",
    "not at the port that everybody knows",
    (port) => port !== 5432 && Boolean(port),
  ),
  {
    id: "RDS.25",
    promise: "an administrator whose name nobody guesses",
    type: instance,
    // A replica's users are its source's.
    check: ({ inputs }) =>
      inputs.replicateSourceDb || !["postgres", "admin", undefined].includes(inputs.username as undefined)
        ? undefined
        : `is administered by ${inputs.username}`,
  },
  property("RDS.43", proxy, "requireTls", "over TLS only", is(true)),
  property("own.proxy-iam", proxy, "defaultAuthScheme", "no password at all", is("IAM_AUTH")),
  ofInstance("own.database-key", "kmsKeyId", "encrypted by a key of ours", Boolean),
  ofInstance("own.database-grows", "maxAllocatedStorage", "grows", (gigabytes) => Number(gigabytes) >= 100),
  ofInstance("own.database-insight", "performanceInsightsEnabled", "slow queries are seen", is(true)),
  ofInstance("own.database-password", "password", "has no password in plain sight", is(undefined)),
  {
    id: "own.database-tls",
    promise: "Postgres refuses what is not TLS",
    type: "aws:rds/parameterGroup:ParameterGroup",
    check: ({ inputs }) =>
      Array.isArray(inputs.parameters) &&
      inputs.parameters.some(
        (each) => valueAt(each, "name") === "rds.force_ssl" && valueAt(each, "value") === "1",
      )
        ? undefined
        : "takes plain connections",
  },
  {
    id: "own.database-final-snapshot",
    promise: "the last state is kept",
    type: instance,
    check: ({ inputs }) =>
      inputs.replicateSourceDb || (inputs.skipFinalSnapshot === false && inputs.finalSnapshotIdentifier)
        ? undefined
        : "is gone without a snapshot",
  },
  {
    id: "own.database-way-out",
    promise: "its subnets know no way to the Internet",
    type: "aws:ec2/route:Route",
    check: ({ inputs }) =>
      String(inputs.routeTableId).startsWith("DatabaseRoutes")
        ? "leads out of the database's subnets"
        : undefined,
  },
  {
    id: "SecretsManager.1",
    promise: "rotated by itself",
    type: secret,
    check: (resource, all) => (rotationOf(resource, all) ? undefined : "is never rotated"),
  },
  {
    id: "SecretsManager.4",
    promise: "not older than 90 days",
    type: secret,
    check: (resource, all) => {
      const days = valueAt(rotationOf(resource, all)?.inputs, "rotationRules.automaticallyAfterDays");
      return Number(days) <= 90 ? undefined : `is rotated after ${days} days`;
    },
  },
  property("own.secret-key", secret, "kmsKeyId", "encrypted by a key of ours", Boolean),
  {
    id: "own.secret-value",
    promise: "no value passes through a deployment",
    type: "aws:secretsmanager/secretVersion:SecretVersion",
    check: ({ inputs }) =>
      /password|apiKey/i.test(String(inputs.secretString)) || inputs.secretBinary
        ? "holds a value"
        : undefined,
  },
];
