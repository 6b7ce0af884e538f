import type { RecordStage } from "./config.ts";
import { connectDatabase, serviceRole } from "./lib/can.ts";
import type { Network } from "./network.ts";
import type { Security } from "./security.ts";
import { databasePort, proxyPort } from "./security-groups.ts";

export type Database = {
  instance: aws.rds.Instance;
  replica: aws.rds.Instance | undefined;
  proxy: aws.rds.Proxy | undefined;
  /** Where to connect to, and what `connectDatabase` grants it on; without a replica, writers read too. */
  writer: Door;
  reader: Door | undefined;
  /** Past the proxy, which would be pinned by what a migration does. */
  owner: Door;
  /** What the administrator's secret holds before its first rotation: all but a password. */
  adminValue: aws.secretsmanager.SecretVersion;
};
type Door = { host: $util.Output<string>; port: number; resourceId: $util.Output<string> };
type Deps = { security: Security; network: Network; adminSecret: aws.secretsmanager.Secret };

export const databaseName = "t2m";
/** Who reads and writes rows. It has no password: it comes by IAM, all the way through the proxy. */
export const databaseUser = "t2m_app";
export const databaseAdministrator = "t2m_admin";

/** Postgres 17, in the subnets that know no way out. What differs by stage is in `config.ts`. */
export function createDatabase(cfg: RecordStage, deps: Deps): Database {
  const common = commonSettings(cfg, deps);
  const instance = createInstance(cfg, deps, common);
  const replica = cfg.isProduction ? createReplica(cfg, deps, common, instance) : undefined;
  const proxy = cfg.database.isPooled ? createProxy(cfg, deps, instance) : undefined;
  const owner = doorOf(instance, databasePort);
  return {
    instance,
    replica,
    proxy,
    writer: proxy ? { host: proxy.endpoint, port: proxyPort, resourceId: proxy.arn.apply(lastPart) } : owner,
    reader: replica && doorOf(replica, proxyPort),
    owner,
    adminValue: createAdminValue(deps, instance),
  };
}

function doorOf({ address, resourceId }: aws.rds.Instance, port: number): Door {
  return { host: address, port, resourceId };
}

/** `arn:aws:rds:…:db-proxy:prx-0123` ends with what IAM knows it by. */
const lastPart = (arn: string) => arn.slice(arn.lastIndexOf(":") + 1);

/** What the instance and its replica share. */
function commonSettings(cfg: RecordStage, { security, network }: Deps) {
  const key = security.keys.database.arn;
  const parameters = new aws.rds.ParameterGroup("DatabaseParameters", {
    name: `${cfg.stage}-t2m-postgres17`,
    family: "postgres17",
    parameters: [
      { name: "rds.force_ssl", value: "1" },
      { name: "log_min_duration_statement", value: "1000" },
      { name: "log_connections", value: "1" },
    ],
  });
  return {
    instanceClass: cfg.database.instanceClass,
    port: databasePort,
    storageEncrypted: true,
    kmsKeyId: key,
    storageType: "gp3",
    maxAllocatedStorage: cfg.isProduction ? 1000 : 100,
    parameterGroupName: parameters.name,
    vpcSecurityGroupIds: [network.groups.database.id],
    publiclyAccessible: false,
    iamDatabaseAuthenticationEnabled: true,
    autoMinorVersionUpgrade: true,
    copyTagsToSnapshot: true,
    deletionProtection: cfg.isProduction,
    enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
    performanceInsightsEnabled: true,
    performanceInsightsKmsKeyId: key,
    monitoringInterval: 60,
    monitoringRoleArn: createMonitoringRole(cfg).arn,
    caCertIdentifier: "rds-ca-rsa2048-g1",
  };
}

type Common = ReturnType<typeof commonSettings>;

function createInstance(cfg: RecordStage, { network }: Deps, common: Common) {
  const subnets = new aws.rds.SubnetGroup("DatabaseSubnets", {
    name: `${cfg.stage}-t2m-database`,
    subnetIds: network.subnets.database.map(({ id }) => id),
  });
  const first = aws.secretsmanager.getRandomPasswordOutput({ passwordLength: 40, excludePunctuation: true });
  return new aws.rds.Instance(
    "Database",
    {
      ...common,
      identifier: `${cfg.stage}-t2m`,
      engine: "postgres",
      engineVersion: "17",
      dbName: databaseName,
      username: databaseAdministrator,
      passwordWo: $util.secret(first.randomPassword),
      passwordWoVersion: 1,
      allocatedStorage: 20,
      dbSubnetGroupName: subnets.name,
      multiAz: cfg.isProduction,
      backupRetentionPeriod: cfg.database.backupDays,
      backupWindow: "03:00-04:00",
      maintenanceWindow: "sun:04:30-sun:05:30",
      deleteAutomatedBackups: !cfg.isProduction,
      skipFinalSnapshot: !cfg.isProduction,
      ...(cfg.isProduction ? { finalSnapshotIdentifier: `${cfg.stage}-t2m-final` } : {}),
    },
    // The password is the rotation's from then on.
    { protect: cfg.isProduction, ignoreChanges: ["passwordWo"] },
  );
}

/** At the proxy's port, so that who reads and writes has one port for both. */
function createReplica(
  cfg: RecordStage,
  { network }: Deps,
  common: Common,
  instance: aws.rds.Instance,
): aws.rds.Instance {
  return new aws.rds.Instance("DatabaseReplica", {
    ...common,
    port: proxyPort,
    vpcSecurityGroupIds: [network.groups.replica.id],
    identifier: `${cfg.stage}-t2m-replica`,
    replicateSourceDb: instance.identifier,
    skipFinalSnapshot: true,
  });
}

/** IAM from end to end: the proxy holds no password either. */
function createProxy(cfg: RecordStage, { network }: Deps, instance: aws.rds.Instance) {
  const role = serviceRole("Proxy", `${cfg.stage}-t2m-proxy`, "rds.amazonaws.com", [
    connectDatabase(instance.resourceId, databaseUser),
  ]);
  const proxy = new aws.rds.Proxy("DatabaseProxy", {
    name: `${cfg.stage}-t2m`,
    engineFamily: "POSTGRESQL",
    defaultAuthScheme: "IAM_AUTH",
    requireTls: true,
    roleArn: role.arn,
    vpcSubnetIds: network.subnets.database.map(({ id }) => id),
    vpcSecurityGroupIds: [network.groups.proxy.id],
  });
  const targets = new aws.rds.ProxyDefaultTargetGroup("DatabaseProxyTargets", {
    dbProxyName: proxy.name,
    connectionPoolConfig: { maxConnectionsPercent: 90, connectionBorrowTimeout: 10 },
  });
  new aws.rds.ProxyTarget("DatabaseProxyTarget", {
    dbProxyName: proxy.name,
    targetGroupName: targets.name,
    dbInstanceIdentifier: instance.identifier,
  });
  return proxy;
}

function createMonitoringRole(cfg: RecordStage) {
  const { region } = aws.getRegionOutput({});
  const { accountId } = aws.getCallerIdentityOutput({});
  const { partition } = aws.getPartitionOutput({});
  const groups = $interpolate`arn:${partition}:logs:${region}:${accountId}:log-group:RDS*`;
  return serviceRole("Monitoring", `${cfg.stage}-t2m-database-monitoring`, "monitoring.rds.amazonaws.com", [
    { actions: ["logs:CreateLogGroup", "logs:PutRetentionPolicy"], resources: [groups] },
    {
      actions: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:GetLogEvents"],
      resources: [$interpolate`${groups}:log-stream:*`],
    },
  ]);
}

function createAdminValue({ adminSecret }: Deps, instance: aws.rds.Instance) {
  return new aws.secretsmanager.SecretVersion(
    "DatabaseAdminValue",
    {
      secretId: adminSecret.id,
      secretString: $util.jsonStringify({
        engine: "postgres",
        host: instance.address,
        port: databasePort,
        dbname: databaseName,
        username: databaseAdministrator,
        dbInstanceIdentifier: instance.identifier,
      }),
    },
    // From here on the rotation writes it.
    { ignoreChanges: ["secretString"] },
  );
}
