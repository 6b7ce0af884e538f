import type { StageConfig } from "./config.ts";
import type { Layer } from "./network.ts";

type Rule = { to: "in" | "out"; ports: [number, number]; range: "inside" | "anywhere" };

const inside = "10.0.0.0/16";
const ephemeral: [number, number] = [1024, 65_535];
const https: [number, number] = [443, 443];

/** Lists know no connections, so each needs a rule for the answers, which go to ports from 1024. */
const rulesOf: Record<Layer, Rule[]> = {
  public: [
    { to: "in", ports: https, range: "inside" },
    { to: "in", ports: ephemeral, range: "anywhere" },
    { to: "out", ports: https, range: "anywhere" },
    { to: "out", ports: ephemeral, range: "inside" },
  ],
  private: [
    { to: "in", ports: https, range: "inside" },
    { to: "in", ports: ephemeral, range: "anywhere" },
    { to: "out", ports: https, range: "anywhere" },
    { to: "out", ports: ephemeral, range: "inside" },
  ],
  database: [
    { to: "in", ports: ephemeral, range: "inside" },
    { to: "out", ports: ephemeral, range: "inside" },
  ],
};

/** Remote desktops listen among the ports of answers. */
const noRemoteDesktop = {
  ruleNo: 10,
  action: "deny",
  protocol: "tcp",
  fromPort: 3389,
  toPort: 3389,
  cidrBlock: "0.0.0.0/0",
};

/** What each layer of subnets may hear and say at all, before any group is asked. */
export function createAccessLists(
  cfg: StageConfig,
  vpc: aws.ec2.Vpc,
  subnets: Record<Layer, aws.ec2.Subnet[]>,
) {
  for (const layer of ["public", "private", "database"] as const) {
    const rules = (to: Rule["to"]) => rulesOf[layer].filter((rule) => rule.to === to).map(ruleOf);
    new aws.ec2.NetworkAcl(`${layer.charAt(0).toUpperCase()}${layer.slice(1)}List`, {
      vpcId: vpc.id,
      subnetIds: subnets[layer].map(({ id }) => id),
      ingress: [noRemoteDesktop, ...rules("in")],
      egress: rules("out"),
      tags: { Name: `${cfg.stage}-t2m-${layer}` },
    });
  }
}

function ruleOf({ ports: [fromPort, toPort], range }: Rule, index: number) {
  const cidrBlock = range === "inside" ? inside : "0.0.0.0/0";
  return { ruleNo: 100 + 10 * index, action: "allow", protocol: "tcp", fromPort, toPort, cidrBlock };
}
