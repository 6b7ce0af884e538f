import { type FunctionName, functions } from "@t2m/functions/manifest";
import type { FunctionSpec } from "@t2m/functions/manifest/spec";
import { describe, expect, test } from "vitest";
import { stages, synthesized, waitsFor } from "./synthesized.ts";

const specs = Object.entries(functions) as [FunctionName, FunctionSpec][];
const migration = "aws:lambda/invocation:Invocation Migration";

describe.each(stages)("%s", (stage) => {
  const { only, lambda, resources } = synthesized(stage);
  const { place } = only("aws:lambda/invocation:Invocation");
  const before = (name: FunctionName) => waitsFor(resources, lambda(name));

  test("[V2.2] each deployment runs the function that migrates, whether anything of it has changed or not", () => {
    const { inputs } = only("aws:lambda/invocation:Invocation");
    expect(inputs).toMatchObject({ functionName: `${stage}-t2m-migrate`, input: "{}" });
    expect(inputs.lifecycleScope ?? "CREATE_ONLY").toBe("CREATE_ONLY");
    expect(inputs.triggers).toEqual({ deployedAt: expect.stringMatching(/^20\d\d-.*Z$/) });
  });

  test("what uses rows is not changed before the database has its schema; the live plane waits for no database", () => {
    for (const [name, { database }] of specs) {
      expect(before(name).has(migration), name).toBe(database === "app");
      if (database === "app") expect(lambda(name).place, name).toBeGreaterThan(place);
      else expect(lambda(name).place, name).toBeLessThan(place);
    }
  });

  test("the migration waits for its function, the database, the first password, and the ways to both", () => {
    const found = waitsFor(resources, only("aws:lambda/invocation:Invocation"));
    expect([...found]).toEqual(
      expect.arrayContaining([
        "aws:lambda/function:Function MigrateFunction",
        "aws:rds/instance:Instance Database",
        "aws:secretsmanager/secretRotation:SecretRotation Rotation",
        "aws:secretsmanager/secretVersion:SecretVersion DatabaseAdminValue",
        "aws:lambda/function:Function RotateAdminFunction",
        "aws:lambda/permission:Permission RotationPermission",
        "aws:ec2/vpcEndpoint:VpcEndpoint SecretsEndpoint",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule AdminToDatabase",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule DatabaseFromAdmin",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule AdminToEndpoints",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule EndpointsFromAdmin",
      ]),
    );
  });
});
