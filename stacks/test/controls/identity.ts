import type { Resource } from "../synthesized.ts";
import { allowedBy, type Control, is, isOpenToAll, property, statementsOf } from "./control.ts";

const key = "aws:kms/key:Key";
/** These know no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html */
const withoutResource = [
  ...["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  ...["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"],
];

/** Over roles, which hold their policies themselves, and over policies that stand alone. */
function ofIdentities(id: string, promise: string, check: (resource: Resource) => string | undefined) {
  return ["role:Role", "policy:Policy", "rolePolicy:RolePolicy"].map(
    (type): Control => ({ id, promise, type: `aws:iam/${type}`, check }),
  );
}

function forbidden(isForbidden: (action: string, resource: string) => boolean) {
  return (resource: Resource) => {
    const pairs = allowedBy(resource).flatMap(({ Action, Resource: on }) =>
      Action.flatMap((action) => on.map((each) => ({ action, on: each }))),
    );
    const found = pairs.filter(({ action, on }) => isForbidden(action, on));
    return found.length > 0 ? `may ${found.map(({ action, on }) => `${action} on ${on}`)}` : undefined;
  };
}

export const identityControls: Control[] = [
  property("own.key-rotation", key, "enableKeyRotation", "a new key each year", is(true)),
  property("own.key-deletion", key, "deletionWindowInDays", "a month to think again", is(30)),
  ...ofIdentities(
    "KMS.1",
    "opens data by named keys only",
    forbidden((action, on) => /^kms:(Decrypt|ReEncrypt|\*)/.test(action) && on === "*"),
  ),
  ...ofIdentities("KMS.2", "opens data for a named service only", (resource) =>
    allowedBy(resource).some(
      ({ Action, Condition }) =>
        Action.some((action) => action.startsWith("kms:")) &&
        !JSON.stringify(Condition ?? {}).includes("kms:ViaService"),
    )
      ? "uses a key past the services"
      : undefined,
  ),
  {
    id: "KMS.5",
    promise: "not everybody uses the key",
    type: key,
    check: ({ inputs }) =>
      statementsOf(inputs.policy).some(isOpenToAll) ? "is open to everybody" : undefined,
  },
  ...ofIdentities(
    "IAM.1",
    "nobody may do everything",
    forbidden((action, on) => action === "*" && on === "*"),
  ),
  ...ofIdentities(
    "IAM.21",
    "nobody may do everything of a service",
    forbidden((action) => action.includes("*")),
  ),
  ...ofIdentities(
    "own.resource",
    "on named resources only",
    forbidden((action, on) => on === "*" && !withoutResource.includes(action)),
  ),
  {
    id: "own.managed",
    promise: "says itself what it may do",
    type: "aws:iam/role:Role",
    check: ({ inputs }) =>
      Array.isArray(inputs.managedPolicyArns) && inputs.managedPolicyArns.length > 0
        ? `takes over ${inputs.managedPolicyArns}`
        : undefined,
  },
  {
    id: "own.attached",
    promise: "nothing is attached from elsewhere",
    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    check: ({ inputs }) => `attaches ${inputs.policyArn}`,
  },
  {
    id: "own.trust",
    promise: "services take it on, and no account",
    type: "aws:iam/role:Role",
    check: ({ inputs }) =>
      statementsOf(inputs.assumeRolePolicy).every(
        ({ Principal }) => typeof Principal === "object" && Object.keys(Principal).join() === "Service",
      )
        ? undefined
        : "may be taken on by others than services",
  },
];
