import type { StageConfig } from "./config.ts";
import { componentName } from "./lib/names.ts";

/**
 * One key a purpose, so that who may read one kind of data need not read another; a stage without a record, which is
 * for trying, has one for all, as each costs a dollar a month.
 */
export type Security = {
  keys: Record<Purpose, aws.kms.Key>;
  /** In the second region; in production only. */
  replicaKey: aws.kms.Key | undefined;
};
type Purpose = "data" | "database" | "secrets" | "logs" | "backups";

export function createSecurity(cfg: StageConfig): Security {
  const services = servicesIn(cfg.region);
  // What a stage encrypts by its one key stays readable once it keeps a record.
  const data = createKey(cfg, "data", cfg.region, cfg.isProduction ? [] : services);
  const keyFor = (purpose: Purpose) =>
    cfg.database ? createKey(cfg, purpose, cfg.region, purpose === "logs" ? services : []) : data;
  return {
    keys: {
      data,
      database: keyFor("database"),
      secrets: keyFor("secrets"),
      logs: keyFor("logs"),
      backups: keyFor("backups"),
    },
    replicaKey: cfg.replicaRegion ? createKey(cfg, "replica", cfg.replicaRegion, []) : undefined,
  };
}

/** Services that use a key in their own name. All others use it in the name of a role, which is asked then. */
function servicesIn(region: string): string[] {
  const tellers = ["cloudtrail", "cloudwatch", "events", "events.rds", "budgets", "costalerts", "backup"];
  return [`logs.${region}.amazonaws.com`, ...tellers.map((service) => `${service}.amazonaws.com`)];
}

function createKey(cfg: StageConfig, purpose: Purpose | "replica", region: string, services: string[]) {
  const name = componentName(`${purpose}-key`);
  const key = new aws.kms.Key(name, {
    description: `${cfg.stage} t2m: ${purpose}`,
    region,
    enableKeyRotation: true,
    deletionWindowInDays: 30,
    policy: policyFor(services),
  });
  new aws.kms.Alias(`${name}Alias`, {
    name: `alias/${cfg.stage}-t2m-${purpose}`,
    region,
    targetKeyId: key.keyId,
  });
  return key;
}

/** The account hands a key out by its roles; services may use it for this account's things only. */
function policyFor(services: string[]) {
  const { accountId } = aws.getCallerIdentityOutput({});
  const { partition } = aws.getPartitionOutput({});
  const account = {
    sid: "account",
    actions: ["kms:*"],
    resources: ["*"],
    principals: [{ type: "AWS", identifiers: [$interpolate`arn:${partition}:iam::${accountId}:root`] }],
  };
  const use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:DescribeKey"];
  const inTheirNames = services.map((service) => ({
    sid: service.replace(/[^a-z0-9]/g, ""),
    actions: [...use, "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"],
    resources: ["*"],
    principals: [{ type: "Service", identifiers: [service] }],
    conditions: [ofThisAccount(service, accountId)],
  }));
  return aws.iam.getPolicyDocumentOutput({ statements: [account, ...inTheirNames] }).json;
}

/** CloudWatch's logs do not say for which account they ask, but for which log group. */
function ofThisAccount(service: string, accountId: $util.Output<string>) {
  if (!service.startsWith("logs.")) {
    return { test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] };
  }
  const groups = $interpolate`arn:*:logs:*:${accountId}:log-group:*`;
  return { test: "ArnLike", variable: "kms:EncryptionContext:aws:logs:arn", values: [groups] };
}
