import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import * as z from "zod/mini";
import { initialPassword } from "./synth/answers.ts";
import { regionOf, stages, synthesized } from "./synthesized.ts";

describe.each(stages)("%s", (stage) => {
  const { all, resources, outputs } = synthesized(stage);

  test("[A5.1] secrets are kept by Secrets Manager, under a key that opens nothing else", () => {
    const secrets = all("aws:secretsmanager/secret:Secret").map(({ inputs }) => inputs);
    expect(secrets.map(({ name }) => name)).toEqual([`${stage}-t2m-database-admin`, `${stage}-t2m-gemini`]);
    for (const { kmsKeyId } of secrets) {
      expect(kmsKeyId).toBe(`arn:aws:kms:${regionOf(stage)}:123456789012:key/SecretsKey`);
    }
  });

  test("[A5.5] no deployment carries a secret's value: what is put in says where the database is, not how to open it", () => {
    const versions = all("aws:secretsmanager/secretVersion:SecretVersion");
    expect(versions).toHaveLength(1);
    expect(JSON.parse(String(versions[0]?.inputs.secretString))).toEqual({
      engine: "postgres",
      host: `${stage}-t2m.abc.${regionOf(stage)}.rds.amazonaws.com`,
      port: 5433,
      dbname: "t2m",
      username: "t2m_admin",
      dbInstanceIdentifier: `${stage}-t2m`,
    });
  });

  test("[A5.5] no function is given a secret or a key by its environment, and nothing is told when a stage is deployed", () => {
    const Variables = z.object({ variables: z.record(z.string(), z.string()) });
    for (const { name, inputs } of all("aws:lambda/function:Function")) {
      const { variables } = Variables.parse(inputs.environment);
      expect(
        Object.keys(variables).filter((each) => !each.startsWith("T2M_")),
        name,
      ).toEqual([]);
      expect(Object.values(variables).join(), name).not.toMatch(/password|secret|api_?key|token/i);
    }
    expect(JSON.stringify(outputs)).not.toContain(initialPassword);
  });

  test("[A5.5] nothing uses SST's own secrets, which would put their key into each environment", () => {
    expect(resources.filter(({ type }) => /^sst:(sst:Secret|aws:Postgres)/.test(type))).toEqual([]);
  });

  test("[A5.5] no bundle holds a secret, a key of AWS's or of SST's", () => {
    const built = join(inject("synthesized"), stage, "built", stage, "functions");
    const bundles = globSync(join(built, "*/*"));
    expect(bundles.length).toBeGreaterThan(15);
    for (const file of bundles) {
      expect(file).not.toMatch(/resource\.enc|\.env/);
      const text = readFileSync(file, "latin1");
      expect(text, file).not.toMatch(
        /AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----|AIza[0-9A-Za-z_-]{35}/,
      );
      expect(text.includes(initialPassword), file).toBe(false);
    }
  });
});
