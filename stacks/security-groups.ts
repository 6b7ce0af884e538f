import type { RecordStage } from "./config.ts";

/** One for each part that something plays; a rule names the other part, never a range. */
export type Groups = Record<Part, aws.ec2.SecurityGroup>;
type Part = "clients" | "admin" | "proxy" | "database" | "replica" | "endpoints";

export const databasePort = 5433;
/** RDS Proxy listens where Postgres usually does, wherever the database behind it listens. */
export const proxyPort = 5432;

const parts: Record<Part, string> = {
  clients: "functions that read and write rows",
  admin: "the function that migrates the database",
  proxy: "RDS Proxy",
  database: "the database",
  replica: "its read replica",
  endpoints: "endpoints of AWS services inside the network",
};

type Gateways = Record<"s3" | "dynamodb", aws.ec2.VpcEndpoint>;

/** With the rules that let the administrator's function do its work: who starts it waits for them. */
export function createGroups(cfg: RecordStage, vpc: aws.ec2.Vpc, gateways: Gateways) {
  const group = (part: Part) =>
    new aws.ec2.SecurityGroup(`${title(part)}Group`, {
      name: `${cfg.stage}-t2m-${part}`,
      description: parts[part],
      vpcId: vpc.id,
    });
  const groups = {
    clients: group("clients"),
    admin: group("admin"),
    proxy: group("proxy"),
    database: group("database"),
    replica: group("replica"),
    endpoints: group("endpoints"),
  };
  if (cfg.database.isPooled) {
    allow(groups, "clients", "proxy", proxyPort);
    allow(groups, "proxy", "database", databasePort);
  } else {
    allow(groups, "clients", "database", databasePort);
  }
  if (cfg.isProduction) allow(groups, "clients", "replica", proxyPort);
  const adminWays = [
    ...allow(groups, "admin", "database", databasePort),
    ...allow(groups, "admin", "endpoints", 443),
  ];
  for (const service of ["s3", "dynamodb"] as const) {
    new aws.vpc.SecurityGroupEgressRule(`ClientsTo${title(service)}`, {
      securityGroupId: groups.clients.id,
      prefixListId: gateways[service].prefixListId,
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
    });
  }
  return { groups, adminWays };
}

function allow(groups: Groups, from: Part, to: Part, port: number) {
  const what = { ipProtocol: "tcp", fromPort: port, toPort: port };
  const out = new aws.vpc.SecurityGroupEgressRule(`${title(from)}To${title(to)}`, {
    ...what,
    securityGroupId: groups[from].id,
    referencedSecurityGroupId: groups[to].id,
  });
  const into = new aws.vpc.SecurityGroupIngressRule(`${title(to)}From${title(from)}`, {
    ...what,
    securityGroupId: groups[to].id,
    referencedSecurityGroupId: groups[from].id,
  });
  return [out, into];
}

const title = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
