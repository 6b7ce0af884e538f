import { ApiError } from "@t2m/core/errors";
import { readSecret, withSecret } from "@t2m/core/secrets/read";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startSecretsServer } from "./secrets-server.ts";

let server: Awaited<ReturnType<typeof startSecretsServer>>;

beforeAll(async () => {
  server = await startSecretsServer("first");
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
});
afterAll(() => {
  server.stop();
  vi.unstubAllEnvs();
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  server.set("first");
  server.away(false);
  server.calls.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

// The memory is the process's, so that each test has a secret of its own.
let number = 0;
const newSecret = () => `secret-${number++}`;
const later = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);
class Refused extends Error {}
const isRefused = (error: unknown) => error instanceof Refused;
const onlyOpensTo = (right: string) => async (value: string) => {
  if (value !== right) throw new Refused(`${value} is not the secret`);
  return `opened by ${value}`;
};

test("[A5.2] a secret is fetched when it is needed, and once for all who ask within five minutes", async () => {
  const id = newSecret();
  expect(await Promise.all([readSecret(id), readSecret(id), readSecret(id)])).toEqual([
    "first",
    "first",
    "first",
  ]);
  later(299);
  expect(await readSecret(id)).toBe("first");
  expect(server.calls).toEqual(["GetSecretValue"]);
  later(2);
  await readSecret(id);
  expect(server.calls).toHaveLength(2);
});

test("[A5.3] who uses a secret that was rotated meanwhile does not notice", async () => {
  const id = newSecret();
  await readSecret(id);
  server.set("second");
  later(60);
  expect(await withSecret(id, onlyOpensTo("second"), isRefused)).toBe("opened by second");
  expect(await withSecret(id, onlyOpensTo("second"), isRefused)).toBe("opened by second");
  expect(server.calls).toHaveLength(2);
});

test("[A5.3] many refused at the same time fetch the new secret once", async () => {
  const id = newSecret();
  await readSecret(id);
  server.set("second");
  later(60);
  const uses = Array.from({ length: 20 }, () => withSecret(id, onlyOpensTo("second"), isRefused));
  expect(new Set(await Promise.all(uses))).toEqual(new Set(["opened by second"]));
  expect(server.calls).toHaveLength(2);
});

test("a refusal that no newer secret mends is the caller's at once, and does not call Secrets Manager each time", async () => {
  const id = newSecret();
  await readSecret(id);
  later(60);
  const use = vi.fn(onlyOpensTo("other"));
  for (let count = 1; count <= 5; count++) {
    await expect(withSecret(id, use, isRefused)).rejects.toThrow(Refused);
    expect(use).toHaveBeenCalledTimes(count);
  }
  expect(server.calls).toHaveLength(2);
});

test("another error than a refusal is not tried again", async () => {
  const use = vi.fn(async () => {
    throw new TypeError("broken");
  });
  await expect(withSecret(newSecret(), use, isRefused)).rejects.toThrow("broken");
  expect(use).toHaveBeenCalledTimes(1);
});

test("[V4.5] while Secrets Manager is away, the secret known last serves on; without one the answer is 503", async () => {
  const id = newSecret();
  await readSecret(id);
  server.away(true);
  later(600);
  expect(await readSecret(id)).toBe("first");
  await expect(readSecret(newSecret())).rejects.toThrow(ApiError);
});
