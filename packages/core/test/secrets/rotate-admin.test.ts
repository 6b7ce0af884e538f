import { rotateAdmin, type Turn } from "@t2m/core/secrets/rotate-admin";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startSecretsServer } from "./secrets-server.ts";

const created = JSON.stringify({ username: "t2m_admin", port: 5433, dbInstanceIdentifier: "dev-t2m" });
const steps: Turn["step"][] = ["createSecret", "setSecret", "testSecret", "finishSecret"];
let server: Awaited<ReturnType<typeof startSecretsServer>>;

beforeAll(async () => {
  server = await startSecretsServer(created);
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
});
afterAll(() => {
  server.stop();
  vi.unstubAllEnvs();
});
beforeEach(() => {
  server.calls.length = 0;
});

const take = (step: Turn["step"], token: string) =>
  rotateAdmin({ secretId: "dev-t2m-database-admin", token, step }, { pollMs: 1 });

test("[A5.3] the first rotation gives the database a password, and the secret tells it with all that it told before", async () => {
  const token = server.begin();
  for (const step of steps) await take(step, token);
  const { password, ...rest } = JSON.parse(server.current());
  expect(rest).toEqual(JSON.parse(created));
  expect(password).toMatch(/^[\w-]{40}$/);
  expect(server.database.password).toBe(password);
});

test("[A5.4] a rotation asks for what its function is granted, and for no more", async () => {
  const token = server.begin();
  for (const step of steps) await take(step, token);
  const secret = ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"];
  expect([...new Set(server.calls)].sort()).toEqual(
    [...secret, "DescribeDBInstances", "ModifyDBInstance"].sort(),
  );
});

test("[A5.3] until the database has it, the old password stays the current one", async () => {
  const before = server.current();
  const token = server.begin();
  for (const step of steps.slice(0, 2)) await take(step, token);
  expect(server.current()).toBe(before);
  expect(server.database.looksUntilSet).toBeGreaterThan(0);
  await take("testSecret", token);
  expect(server.database.looksUntilSet).toBe(0);
  await take("finishSecret", token);
  expect(server.current()).not.toBe(before);
});

test("every step may come twice: a rotation has one new password, whatever is repeated", async () => {
  const token = server.begin();
  for (const step of steps.flatMap((step) => [step, step])) await take(step, token);
  expect(server.calls.filter((call) => call === "ModifyDBInstance")).toHaveLength(2);
  for (const step of steps) await take(step, token);
  expect(server.calls.filter((call) => call === "ModifyDBInstance")).toHaveLength(2);
  const { password } = JSON.parse(server.current());
  expect(server.database.password).toBe(password);
  expect(server.calls.filter((call) => call === "PutSecretValue")).toHaveLength(1);
});

test("a version that Secrets Manager did not begin changes nothing", async () => {
  const { password } = server.database;
  await expect(take("setSecret", "not-a-version")).rejects.toThrow("no version not-a-version");
  expect(server.database.password).toBe(password);
});
