import { connect } from "@t2m/core/database/connect";
import { asOwner, SignInFailed } from "@t2m/core/database/owner";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startSecretsServer } from "../secrets/secrets-server.ts";
import { startTlsServer } from "./tls-server.ts";

const user = "t2m_admin";
const known = { username: user, dbInstanceIdentifier: "dev-t2m" };
const withPassword = (password: string) => JSON.stringify({ ...known, password });
const soon = { waitMs: 10_000, pollMs: 20 };
let server: Awaited<ReturnType<typeof startTlsServer>>;
let secrets: Awaited<ReturnType<typeof startSecretsServer>>;

beforeAll(async () => {
  server = await startTlsServer();
  await server.hasTls(true);
  await server.admin`create role t2m_admin login password 'one'`;
  await server.wantsPasswordOf(user);
  secrets = await startSecretsServer(withPassword("one"));
  const variables = {
    ...secrets.environment,
    T2M_DATABASE_HOST: "localhost",
    T2M_DATABASE_PORT: String(server.port),
    T2M_DATABASE_NAME: "postgres",
    T2M_DATABASE_USER: user,
    T2M_DATABASE_SECRET: "dev-t2m-database-admin",
    T2M_DATABASE_CA_FILE: server.caFile,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});
beforeEach(() => {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
});
afterAll(async () => {
  secrets.stop();
  await server.stop();
  vi.unstubAllEnvs();
});

const who = () => asOwner(async (sql) => (await sql`select current_user as name`)[0], soon);
/** As RDS does it; who is signed in stays so. */
async function rotate(password: string): Promise<void> {
  await server.admin`alter role t2m_admin password ${server.admin.unsafe(`'${password}'`)}`;
}
/** With a password that is given and no other. */
async function signsIn(password: string): Promise<void> {
  const where = { host: "localhost", port: server.port, name: "postgres", user };
  const database = { ...where, readerHost: undefined, secret: undefined, caFile: server.caFile };
  const credentials = { accessKeyId: "", secretAccessKey: "", sessionToken: undefined, expiresAt: undefined };
  const { sql } = connect({ database, aws: { region: "us-east-1", credentials } }, { password });
  await sql`select 1`.finally(() => sql.end({ timeout: 0 }));
}

test("[A5.2] the owner signs in by the password in the administrator's secret, and by no token or variable", async () => {
  expect(await who()).toEqual({ name: user });
  expect(JSON.stringify(process.env)).not.toContain('"one"');
});

test("[A5.3] a password that is changed meanwhile ends nobody's work; the old one is refused, and the next sign-in has the new one", async () => {
  const seen = await asOwner(async (sql) => {
    await rotate("two");
    await expect(signsIn("one")).rejects.toMatchObject({ code: "28P01" });
    return await sql`select current_user as name`;
  }, soon);
  expect(seen).toEqual([{ name: user }]);
  secrets.set(withPassword("two"));
  expect(await who()).toEqual({ name: user });
});

test("[A5.3] between a new password at the database and in the secret it waits, as it does for the first one of a stage", async () => {
  for (const [next, unready] of [
    ["three", withPassword("two")],
    ["four", JSON.stringify(known)],
  ] as const) {
    await rotate(next);
    secrets.set(unready);
    secrets.calls.length = 0;
    const signedIn = who();
    await expect.poll(() => secrets.calls.length).toBeGreaterThan(0);
    secrets.set(withPassword(next));
    expect(await signedIn).toEqual({ name: user });
  }
});

test("a secret that opens no door for long is told by its name and the database's answer, and not by its value", async () => {
  secrets.set(withPassword("hunter2"));
  await rotate("five");
  const failed = asOwner(async () => undefined, { waitMs: 0, pollMs: 1 });
  await expect(failed).rejects.toThrow(SignInFailed);
  await expect(failed).rejects.toThrow(
    /t2m_admin cannot sign in by the secret dev-t2m-database-admin \(password authentication failed.*rotate-admin/,
  );
  const text = await failed.catch((error: Error) => `${error.stack} ${JSON.stringify(error)}`);
  expect(text).not.toMatch(/hunter2|four|five/);
  secrets.set(withPassword("five"));
});

test("what fails for another reason is not done again", async () => {
  const work = vi.fn(async () => {
    throw new TypeError("broken");
  });
  await expect(asOwner(work, soon)).rejects.toThrow("broken");
  expect(work).toHaveBeenCalledTimes(1);
});
