import { functions } from "@t2m/functions/manifest";
import type { FunctionSpec } from "@t2m/functions/manifest/spec";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { regionOf, stages, synthesized } from "./synthesized.ts";

describe.each(stages)("%s", (stage) => {
  const { all, lambda } = synthesized(stage);
  const region = regionOf(stage);
  const isProduction = stage === "production";
  const zones = isProduction ? ["a", "b", "c"] : ["a", "b"];
  const subnets = all("aws:ec2/subnet:Subnet");
  const routes = all("aws:ec2/route:Route").map(({ inputs }) => inputs);
  const idsOf = (type: string) => all(type).map(({ name }) => `${name}-id`);

  test.each(["Public", "Private", "Database"])("[A1.3] [A11.2] a subnet that is %s in each zone", (layer) => {
    const layered = subnets.filter(({ name }) => name.startsWith(layer));
    expect(layered.map(({ inputs }) => inputs.availabilityZone)).toEqual(
      zones.map((zone) => `${region}${zone}`),
    );
    for (const { inputs } of layered) expect(inputs.mapPublicIpOnLaunch).toBe(false);
  });

  test("no two subnets overlap", () => {
    const ranges = subnets.map(({ inputs }) => {
      const [address = "", bits] = String(inputs.cidrBlock).split("/");
      const first = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
      return { first, end: first + 2 ** (32 - Number(bits)) };
    });
    const sorted = ranges.sort((one, other) => one.first - other.first);
    for (const [index, { first }] of sorted.entries()) {
      expect(first).toBeGreaterThanOrEqual(sorted[index - 1]?.end ?? 0);
    }
  });

  test("only public subnets have a way to the Internet, private ones only where the stage pays for a gateway", () => {
    const toInternet = routes.filter(({ gatewayId }) => gatewayId).map(({ routeTableId }) => routeTableId);
    expect(toInternet).toEqual(zones.map((_, zone) => `PublicRoutes${zone + 1}-id`));
    const toGateway = routes.filter(({ natGatewayId }) => natGatewayId);
    expect(toGateway.map(({ routeTableId }) => routeTableId)).toEqual(
      isProduction ? zones.map((_, zone) => `PrivateRoutes${zone + 1}-id`) : [],
    );
    expect(all("aws:ec2/natGateway:NatGateway")).toHaveLength(isProduction ? 3 : 0);
    expect(routes).toHaveLength(toInternet.length + toGateway.length);
  });

  test("S3 and DynamoDB are reached without the Internet and for nothing", () => {
    const gateways = all("aws:ec2/vpcEndpoint:VpcEndpoint").filter(
      ({ inputs }) => inputs.vpcEndpointType === "Gateway",
    );
    expect(gateways.map(({ inputs }) => inputs.serviceName)).toEqual([
      `com.amazonaws.${region}.dynamodb`,
      `com.amazonaws.${region}.s3`,
    ]);
    for (const { inputs } of gateways) {
      expect(inputs.routeTableIds).toEqual(zones.map((_, zone) => `PrivateRoutes${zone + 1}-id`));
    }
  });

  test("[A1.4] [A8.5] one group for each part, and these ways between them and no others", () => {
    expect(idsOf("aws:ec2/securityGroup:SecurityGroup")).toEqual(
      ["Admin", "Clients", "Database", "Endpoints", "Proxy", "Replica"].map((part) => `${part}Group-id`),
    );
    const ways = (type: string) => {
      const each = all(type).map(({ inputs }) => {
        const other = String(inputs.referencedSecurityGroupId ?? inputs.prefixListId).replace("Group-id", "");
        expect(inputs.fromPort).toBe(inputs.toPort);
        return `${String(inputs.securityGroupId).replace("Group-id", "")} ${other} ${inputs.fromPort}`;
      });
      return each.sort();
    };
    const toRows = {
      qa: ["Clients Database 5433"],
      staging: ["Clients Proxy 5432", "Proxy Database 5433"],
      production: ["Clients Proxy 5432", "Clients Replica 5432", "Proxy Database 5433"],
    };
    const out = [...toRows[stage], "Admin Database 5433", "Admin Endpoints 443"];
    const reversed = out.map((way) => way.replace(/(\w+) (\w+)/, "$2 $1"));
    expect(ways("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")).toEqual(reversed.sort());
    expect(ways("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")).toEqual(
      [...out, "Clients pl-DynamodbEndpoint 443", "Clients pl-S3Endpoint 443"].sort(),
    );
  });

  test("[A8.5] the lists of each layer hear and say what its part needs, and no remote desktop", () => {
    const Rules = z.array(
      z.object({
        action: z.string(),
        cidrBlock: z.string(),
        fromPort: z.number(),
        toPort: z.number(),
        ruleNo: z.number(),
      }),
    );
    const lists = all("aws:ec2/networkAcl:NetworkAcl").map(({ name, inputs }) => {
      const text = (rules: unknown) =>
        Rules.parse(rules).map((r) => `${r.ruleNo} ${r.action} ${r.cidrBlock} ${r.fromPort}-${r.toPort}`);
      return { name, in: text(inputs.ingress), out: text(inputs.egress) };
    });
    const open = {
      in: ["10 deny 0.0.0.0/0 3389-3389", "100 allow 10.0.0.0/16 443-443", "110 allow 0.0.0.0/0 1024-65535"],
      out: ["100 allow 0.0.0.0/0 443-443", "110 allow 10.0.0.0/16 1024-65535"],
    };
    expect(lists).toEqual([
      {
        name: "DatabaseList",
        in: ["10 deny 0.0.0.0/0 3389-3389", "100 allow 10.0.0.0/16 1024-65535"],
        out: ["100 allow 10.0.0.0/16 1024-65535"],
      },
      { name: "PrivateList", ...open },
      { name: "PublicList", ...open },
    ]);
    const covered = all("aws:ec2/networkAcl:NetworkAcl").flatMap(({ inputs }) => inputs.subnetIds);
    expect(covered).toHaveLength(subnets.length);
  });

  test("the live plane stays outside: in the network is what uses Postgres, in every zone, and nothing else", () => {
    const specs: [string, FunctionSpec][] = Object.entries(functions);
    const groupOf = { app: "ClientsGroup-id", owner: "AdminGroup-id" };
    for (const [name, { database }] of specs) {
      expect(lambda(name).inputs.vpcConfig, name).toEqual(
        database && {
          subnetIds: zones.map((_, zone) => `PrivateSubnet${zone + 1}-id`),
          securityGroupIds: [groupOf[database]],
        },
      );
    }
  });
});
