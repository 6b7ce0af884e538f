import type { Resource } from "../synthesized.ts";
import { type Control, is, property, valueAt } from "./control.ts";

const ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const egress = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
const list = "aws:ec2/networkAcl:NetworkAcl";
const risky = [
  20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601,
];

function rulesOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The first rule that fits decides. */
function admits(rules: unknown[], port: number): boolean {
  const fitting = rules
    .filter(
      (rule) =>
        valueAt(rule, "cidrBlock") === "0.0.0.0/0" &&
        Number(valueAt(rule, "fromPort")) <= port &&
        port <= Number(valueAt(rule, "toPort")),
    )
    .sort((one, other) => Number(valueAt(one, "ruleNo")) - Number(valueAt(other, "ruleNo")));
  return valueAt(fitting[0], "action") === "allow";
}

export const networkControls: Control[] = [
  {
    id: "EC2.2",
    promise: "the default group lets nothing through",
    type: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    check: ({ inputs }) =>
      rulesOf(inputs.ingress).length + rulesOf(inputs.egress).length > 0 ? "has rules" : undefined,
  },
  {
    id: "EC2.6",
    promise: "what flows is logged",
    type: "aws:ec2/vpc:Vpc",
    check: ({ name }, all) =>
      all.some(
        ({ type, inputs }) =>
          type === "aws:ec2/flowLog:FlowLog" && inputs.vpcId === `${name}-id` && inputs.trafficType === "ALL",
      )
        ? undefined
        : "nobody sees what flows",
  },
  property("EC2.15", "aws:ec2/subnet:Subnet", "mapPublicIpOnLaunch", "gives no public address", is(false)),
  {
    id: "EC2.18",
    promise: "in from named groups only",
    type: ingress,
    check: ({ inputs }) =>
      inputs.referencedSecurityGroupId && !inputs.cidrIpv4 && !inputs.cidrIpv6
        ? undefined
        : "lets in a range",
  },
  {
    id: "EC2.19",
    promise: "nothing risky from anywhere",
    type: list,
    check: ({ inputs }) => {
      const open = risky
        .filter((port) => port < 1024 || port === 3389)
        .filter((port) => admits(rulesOf(inputs.ingress), port));
      return open.length > 0 ? `lets everybody to ${open}` : undefined;
    },
  },
  {
    id: "own.group-rules",
    promise: "a group's rules stand alone, each for one part",
    type: "aws:ec2/securityGroup:SecurityGroup",
    check: ({ inputs }) => (inputs.ingress || inputs.egress ? "has rules of its own" : undefined),
  },
  {
    id: "own.egress",
    promise: "out to named groups and services only",
    type: egress,
    check: ({ inputs }) =>
      inputs.referencedSecurityGroupId || inputs.prefixListId ? undefined : "lets out to a range",
  },
  {
    id: "own.database-list",
    promise: "the database's subnets talk with the network only",
    type: list,
    check: ({ name, inputs }: Resource) => {
      if (!name.startsWith("Database")) return undefined;
      const allowed = [...rulesOf(inputs.ingress), ...rulesOf(inputs.egress)].filter(
        (rule) => valueAt(rule, "action") === "allow",
      );
      return allowed.every((rule) => valueAt(rule, "cidrBlock") === "10.0.0.0/16")
        ? undefined
        : "talks to others";
    },
  },
];
