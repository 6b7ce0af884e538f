import { describe, expect, test } from "vitest";
import { controls } from "./controls/all.ts";
import { evaluate, type Finding } from "./controls/control.ts";
import { exceptions } from "./controls/exceptions.ts";
import { stages, synthesized } from "./synthesized.ts";

const isExcepted = ({ id, resource }: Finding) =>
  exceptions.some((exception) => exception.id === id && exception.resources.test(resource));

test("there are 74 controls of AWS's, and no two say the same", () => {
  const ids = [...new Set(controls.map(({ id }) => id))].filter((id) => !id.startsWith("own."));
  expect(ids).toHaveLength(74);
});

test("[A8.1] [A8.2] [A8.3] [A8.5] [V3.1] [V3.4] production keeps every control but where a reason is written down", () => {
  const findings = evaluate(controls, synthesized("production").resources);
  expect(findings.filter((finding) => !isExcepted(finding))).toEqual([]);
});

test("every control looks at something: a part that is gone is no part that is well", () => {
  const types = new Set(synthesized("production").resources.map(({ type }) => type));
  // Standing alone or attached, policies would escape who reads the roles; that there are none is the point.
  const absent = ["aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy"];
  const attached = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
  const unused = controls.filter(({ type }) => !types.has(type)).map(({ type }) => type);
  expect([...new Set(unused)].sort()).toEqual([...absent, attached].sort());
});

test("every exception is one, and says why", () => {
  const findings = evaluate(controls, synthesized("production").resources);
  for (const { id, resources, reason } of exceptions) {
    const covered = findings.filter((finding) => finding.id === id && resources.test(finding.resource));
    expect(covered, `${id} ${resources}`).not.toEqual([]);
    expect(reason.length).toBeGreaterThan(20);
  }
});

// What a stage that is not production may leave out, as it costs money or only ends what should end.
const productionOnly = [
  ...["S3.7", "DynamoDB.6", "RDS.5", "RDS.8", "RDS.11", "own.database-final-snapshot"],
  ...["own.backup-rhythm", "own.backup-elsewhere", "own.vault-lock"],
  "CloudTrail.1",
  ...["CloudFront.6", "CloudFront.7", "CloudFront.8", "CloudFront.15"],
];

describe.each(stages.filter((stage) => stage !== "production"))("%s", (stage) => {
  test("[A1.5] keeps every control but those that only production pays for", () => {
    const findings = evaluate(controls, synthesized(stage).resources);
    const unexpected = findings.filter(
      (finding) => !isExcepted(finding) && !productionOnly.includes(finding.id),
    );
    expect(unexpected).toEqual([]);
  });
});
