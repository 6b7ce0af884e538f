import type { RecordStage } from "./config.ts";
import { serviceRole } from "./lib/can.ts";
import { createAccessLists } from "./network-acls.ts";
import { createGroups, type Groups } from "./security-groups.ts";

export type Network = {
  vpc: aws.ec2.Vpc;
  /** One a zone, each: only a gateway to the Internet is in public ones; database ones know no way out. */
  subnets: Record<Layer, aws.ec2.Subnet[]>;
  groups: Groups;
  /** What has to be there before the administrator's function can do its work. */
  adminWays: $util.Resource[];
};
export type Layer = "public" | "private" | "database";

const vpcRange = "10.0.0.0/16";

/** Where Postgres lives, and what talks to it. The live plane stays outside: nothing of it waits for a network. */
export function createNetwork(cfg: RecordStage): Network {
  const vpc = new aws.ec2.Vpc("Network", {
    cidrBlock: vpcRange,
    enableDnsSupport: true,
    enableDnsHostnames: true,
    tags: { Name: `${cfg.stage}-t2m` },
  });
  // What nobody chose gets nothing.
  new aws.ec2.DefaultSecurityGroup("ClosedGroup", { vpcId: vpc.id, ingress: [], egress: [] });
  new aws.ec2.DefaultNetworkAcl("ClosedList", { defaultNetworkAclId: vpc.defaultNetworkAclId });
  const subnets = {
    public: createSubnets(cfg, vpc, "public", (zone) => `10.0.${zone}.0/24`),
    private: createSubnets(cfg, vpc, "private", (zone) => `10.0.${16 * (zone + 1)}.0/20`),
    database: createSubnets(cfg, vpc, "database", (zone) => `10.0.${128 + zone}.0/24`),
  };
  createAccessLists(cfg, vpc, subnets);
  const gateways = createRoutes(cfg, vpc, subnets);
  const { groups, adminWays } = createGroups(cfg, vpc, gateways);
  const endpoint = createSecretsEndpoint(cfg, vpc, subnets.private, groups);
  createFlowLog(cfg, vpc);
  return { vpc, subnets, groups, adminWays: [...adminWays, endpoint] };
}

function createSubnets(cfg: RecordStage, vpc: aws.ec2.Vpc, layer: Layer, range: (zone: number) => string) {
  const { names } = aws.getAvailabilityZonesOutput({ state: "available" });
  return Array.from(
    { length: cfg.zones },
    (_, zone) =>
      new aws.ec2.Subnet(`${title(layer)}Subnet${zone + 1}`, {
        vpcId: vpc.id,
        availabilityZone: names.apply((all) => zoneAt(all, zone)),
        cidrBlock: range(zone),
        mapPublicIpOnLaunch: false,
        tags: { Name: `${cfg.stage}-t2m-${layer}-${zone + 1}` },
      }),
  );
}

function zoneAt(zones: readonly string[], index: number): string {
  const zone = zones[index];
  if (!zone) throw new Error(`The region has only ${zones.length} zones`);
  return zone;
}

/** Gives the gateway endpoints, which cost nothing and keep traffic to S3 and DynamoDB off the Internet. */
function createRoutes(cfg: RecordStage, vpc: aws.ec2.Vpc, subnets: Network["subnets"]) {
  const internet = new aws.ec2.InternetGateway("InternetGateway", { vpcId: vpc.id });
  const tables = (layer: Layer) =>
    subnets[layer].map((subnet, zone) => {
      const name = `${title(layer)}Routes${zone + 1}`;
      const table = new aws.ec2.RouteTable(name, { vpcId: vpc.id });
      new aws.ec2.RouteTableAssociation(`${name}Association`, {
        subnetId: subnet.id,
        routeTableId: table.id,
      });
      return table;
    });
  for (const [zone, table] of tables("public").entries()) {
    new aws.ec2.Route(`PublicWayOut${zone + 1}`, {
      routeTableId: table.id,
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: internet.id,
    });
  }
  const inner = tables("private");
  tables("database");
  if (cfg.nat) createNat(subnets.public, inner);
  const gateway = (service: "s3" | "dynamodb") =>
    new aws.ec2.VpcEndpoint(`${title(service)}Endpoint`, {
      vpcId: vpc.id,
      serviceName: `com.amazonaws.${cfg.region}.${service}`,
      vpcEndpointType: "Gateway",
      routeTableIds: inner.map(({ id }) => id),
    });
  return { s3: gateway("s3"), dynamodb: gateway("dynamodb") };
}

/** One a zone, so that the loss of a zone takes nobody else's way out. */
function createNat(outer: aws.ec2.Subnet[], tables: aws.ec2.RouteTable[]) {
  for (const [zone, subnet] of outer.entries()) {
    const address = new aws.ec2.Eip(`NatAddress${zone + 1}`, { domain: "vpc" });
    const nat = new aws.ec2.NatGateway(`Nat${zone + 1}`, { subnetId: subnet.id, allocationId: address.id });
    const table = tables[zone];
    if (!table) continue;
    new aws.ec2.Route(`PrivateWayOut${zone + 1}`, {
      routeTableId: table.id,
      destinationCidrBlock: "0.0.0.0/0",
      natGatewayId: nat.id,
    });
  }
}

/** For whoever administers the database from inside. It costs by the zone: one does where an outage may wait. */
function createSecretsEndpoint(cfg: RecordStage, vpc: aws.ec2.Vpc, inner: aws.ec2.Subnet[], groups: Groups) {
  return new aws.ec2.VpcEndpoint("SecretsEndpoint", {
    vpcId: vpc.id,
    serviceName: `com.amazonaws.${cfg.region}.secretsmanager`,
    vpcEndpointType: "Interface",
    privateDnsEnabled: true,
    subnetIds: inner.slice(0, cfg.isProduction ? cfg.zones : 1).map(({ id }) => id),
    securityGroupIds: [groups.endpoints.id],
  });
}

function createFlowLog(cfg: RecordStage, vpc: aws.ec2.Vpc) {
  const log = new aws.cloudwatch.LogGroup("FlowLog", { name: `/aws/vpc/${cfg.stage}-t2m` });
  const writer = serviceRole("FlowLog", `${cfg.stage}-t2m-flow-log`, "vpc-flow-logs.amazonaws.com", [
    {
      actions: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
      resources: [$interpolate`${log.arn}:*`],
    },
  ]);
  new aws.ec2.FlowLog("Flow", {
    vpcId: vpc.id,
    trafficType: "ALL",
    logDestination: log.arn,
    iamRoleArn: writer.arn,
  });
}

const title = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
