import { describe, expect, test } from "vitest";
import { initialPassword } from "./synth/answers.ts";
import { regionOf, stages, statementsOf, synthesized } from "./synthesized.ts";

const instanceType = "aws:rds/instance:Instance";

describe.each(stages)("%s", (stage) => {
  const { all, where, resources } = synthesized(stage);
  const region = regionOf(stage);
  const isProduction = stage === "production";
  const key = `arn:aws:kms:${region}:123456789012:key/DatabaseKey`;
  const { inputs: instance } = where(instanceType, "identifier", `${stage}-t2m`);

  test("[V2.1] [A4.1] Postgres 17, encrypted by a key of its own, in the subnets without a way out", () => {
    expect(instance).toMatchObject({
      engine: "postgres",
      engineVersion: "17",
      instanceClass: isProduction ? "db.t4g.medium" : "db.t4g.micro",
      storageEncrypted: true,
      kmsKeyId: key,
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: key,
      publiclyAccessible: false,
      vpcSecurityGroupIds: ["DatabaseGroup-id"],
      dbSubnetGroupName: `${stage}-t2m-database`,
      enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
    });
    const { subnetIds } = where("aws:rds/subnetGroup:SubnetGroup", "name", `${stage}-t2m-database`).inputs;
    expect(subnetIds).toEqual((isProduction ? [1, 2, 3] : [1, 2]).map((zone) => `DatabaseSubnet${zone}-id`));
  });

  test("[V7.1] [A4.4] [A11.1] backed up every day and brought back to any second: a month in production, else a week", () => {
    expect(instance).toMatchObject({
      backupRetentionPeriod: isProduction ? 30 : 7,
      deletionProtection: isProduction,
      skipFinalSnapshot: !isProduction,
      multiAz: isProduction,
      copyTagsToSnapshot: true,
    });
    expect(instance.finalSnapshotIdentifier).toBe(isProduction ? "production-t2m-final" : undefined);
  });

  test("[A4.6] its storage grows by itself", () => {
    expect(instance).toMatchObject({
      storageType: "gp3",
      allocatedStorage: 20,
      maxAllocatedStorage: isProduction ? 1000 : 100,
    });
  });

  test("[A9.4] production has a read replica, as well kept as its source", () => {
    const replicas = all(instanceType).filter(({ inputs }) => inputs.replicateSourceDb);
    expect(replicas).toHaveLength(isProduction ? 1 : 0);
    for (const { inputs } of replicas) {
      expect(inputs).toMatchObject({
        replicateSourceDb: `${stage}-t2m`,
        storageEncrypted: true,
        kmsKeyId: key,
        publiclyAccessible: false,
        iamDatabaseAuthenticationEnabled: true,
        parameterGroupName: `${stage}-t2m-postgres17`,
        deletionProtection: true,
        port: 5432,
        vpcSecurityGroupIds: ["ReplicaGroup-id"],
      });
      expect(inputs.password ?? inputs.passwordWo ?? inputs.username).toBeUndefined();
    }
  });

  test("[V3.4] [A8.2] Postgres takes TLS only", () => {
    const { inputs } = where("aws:rds/parameterGroup:ParameterGroup", "name", `${stage}-t2m-postgres17`);
    expect(inputs.family).toBe("postgres17");
    expect(inputs.parameters).toContainEqual({ name: "rds.force_ssl", value: "1" });
  });

  test("[V2.1] [V3.2] connections are pooled, by IAM from end to end: the proxy holds no password and may be one user", () => {
    const proxies = all("aws:rds/proxy:Proxy");
    if (stage === "qa") return expect(proxies).toEqual([]);
    expect(proxies.map(({ inputs }) => inputs)).toEqual([
      expect.objectContaining({
        name: `${stage}-t2m`,
        engineFamily: "POSTGRESQL",
        defaultAuthScheme: "IAM_AUTH",
        requireTls: true,
        vpcSecurityGroupIds: ["ProxyGroup-id"],
      }),
    ]);
    expect(proxies[0]?.inputs).not.toHaveProperty("auths");
    expect(statementsOf(where("aws:iam/role:Role", "name", `${stage}-t2m-proxy`))).toEqual([
      {
        Effect: "Allow",
        Action: ["rds-db:connect"],
        Resource: [`arn:aws:rds-db:${region}:123456789012:dbuser:db-DATABASE/t2m_app`],
      },
    ]);
    expect(where("aws:rds/proxyTarget:ProxyTarget", "dbProxyName", `${stage}-t2m`).inputs).toMatchObject({
      dbInstanceIdentifier: `${stage}-t2m`,
    });
    return undefined;
  });

  test("[A5.5] the first password goes to RDS alone, by the way that no state keeps, and a rotation replaces it at once", () => {
    const holders = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(initialPassword));
    expect(holders.map(({ name }) => name)).toEqual(["Database"]);
    expect(instance.passwordWo).toBe(initialPassword);
    expect(instance).not.toHaveProperty("password");
    const [rotation, ...others] = all("aws:secretsmanager/secretRotation:SecretRotation");
    expect(others).toEqual([]);
    expect(rotation?.inputs).toMatchObject({
      secretId: "DatabaseAdminSecret-id",
      rotationLambdaArn: `arn:aws:lambda:${region}:123456789012:function:${stage}-t2m-rotate-admin`,
      rotationRules: { automaticallyAfterDays: 30 },
    });
    expect(rotation?.inputs.rotateImmediately ?? true).toBe(true);
  });
});
