import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { type Stage, stages, synthesized } from "./synthesized.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../docs/runbooks/restore.md"), "utf8");
const names = ["name", "bucket", "identifier"];

/** Everything by the name under which AWS knows it. */
function namesIn(stage: Stage): Set<string> {
  const { resources } = synthesized(stage);
  return new Set(resources.flatMap(({ inputs }) => names.map((property) => String(inputs[property]))));
}

describe.each(stages)("%s", (stage) => {
  test("[A11.4] [V7.4] every command that brings data back names what the stage really has", () => {
    const known = namesIn(stage);
    const asked = [...page.matchAll(/\$stage-t2m[\w-]*/g)]
      .map(([name]) => name.replace("$stage", stage).replace(/-$/, ""))
      .filter((name) => !name.endsWith("-restored"));
    expect(asked.length).toBeGreaterThan(8);
    // A bucket's name goes on with its region and account.
    const isKnown = (name: string) => [...known].some((each) => each === name || each.startsWith(`${name}-`));
    expect(asked.filter((name) => !isKnown(name))).toEqual([]);
  });
});

test("[A11.4] [A11.5] [V7.4] what the page says can be brought back, and to when, is what production keeps", () => {
  const { all, where } = synthesized("production");
  const { backupRetentionPeriod } = where("aws:rds/instance:Instance", "identifier", "production-t2m").inputs;
  expect(page).toContain(`RDS's log: ${backupRetentionPeriod} days in production`);
  const lifecycles = all("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
  const kept = JSON.stringify(lifecycles).match(/"noncurrentDays":\d+/g);
  expect([...new Set(kept)]).toEqual(['"noncurrentDays":30']);
  expect(page).toContain("its old version: 30 days in production");
  const { rules } = where("aws:backup/plan:Plan", "name", "production-t2m").inputs;
  expect(JSON.stringify(rules).match(/(?<="lifecycle":\{"deleteAfter":)\d+(?=\},"ruleName")/g)).toEqual([
    "35",
    "90",
    "365",
  ]);
  expect(page).toContain("the vault: daily 35 days, weekly 90, monthly a year");
  // At most lost: a second of items, five minutes of rows, nothing where a zone goes, a day from the vault.
  expect(all("aws:dynamodb/table:Table")[0]?.inputs.pointInTimeRecovery).toEqual({ enabled: true });
  expect(page).toMatch(/\| its own record of every second, 35 days \| a second \|/);
  expect(where("aws:rds/instance:Instance", "identifier", "production-t2m").inputs.multiAz).toBe(true);
  expect(page).toMatch(/the standby in another takes over \| nothing \|/);
  expect(JSON.stringify(rules)).toContain('"schedule":"cron(0 2 * * ? *)"');
  expect(page).toMatch(/monthly a year \| a day \|/);
  const replicas = all("aws:s3/bucketReplicationConfig:BucketReplicationConfig");
  expect(replicas.map(({ inputs }) => inputs.bucket)).toHaveLength(4);
  expect(page).toContain("replicas (objects, minutes old)");
});
