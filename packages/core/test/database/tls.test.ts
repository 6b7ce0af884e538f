import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningPostgres, startPostgres } from "@t2m/local/postgres/server";
import postgres, { type Sql } from "postgres";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { connect } from "../../src/database/connect.ts";
import { selfSigned } from "./certificate.ts";

const directory = mkdtempSync(join(tmpdir(), "t2m-tls-"));
const caFile = join(directory, "ca.pem");
const open: Sql[] = [];
let server: RunningPostgres;
let admin: Sql;
beforeAll(async () => {
  server = await startPostgres({ directory, isDurable: false });
  admin = postgres(server.url, { max: 1 });
  const { certificate, key } = selfSigned();
  const owner = statSync(join(directory, "data"));
  for (const [name, text] of [
    ["data/server.crt", certificate],
    ["data/server.key", key],
    ["ca.pem", certificate],
  ] as const) {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
    chownSync(join(directory, name), owner.uid, owner.gid);
  }
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((sql) => sql.end({ timeout: 0 })));
});
afterAll(async () => {
  await admin.end({ timeout: 1 });
  await server.stop();
  rmSync(directory, { recursive: true });
});

async function hasTls(isOn: boolean): Promise<void> {
  await admin.unsafe(`alter system set ssl = ${isOn ? "on" : "off"}`);
  await admin`select pg_reload_conf()`;
  await expect.poll(async () => (await admin`show ssl`)[0]).toEqual({ ssl: isOn ? "on" : "off" });
}

/** As functions on AWS connect: host, IAM's token, TLS. */
function connected(where: { host?: string; readerHost?: string; caFile?: string }, replica = false): Sql {
  const port = Number(new URL(server.url).port);
  const database = {
    host: "localhost",
    port,
    name: "postgres",
    user: "t2m",
    readerHost: undefined,
    caFile,
    ...where,
  };
  const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: undefined };
  const aws = { region: "eu-central-1", credentials: { ...keys, expiresAt: undefined } };
  const { sql } = connect({ database, aws }, { replica });
  open.push(sql);
  return sql;
}

const asks = (sql: Sql) => sql`select ssl, version from pg_stat_ssl where pid = pg_backend_pid()`;

test("a database that is named by its host is spoken to by TLS alone, and only if its certificate is one we trust and its own", async () => {
  await hasTls(true);
  expect(await asks(connected({}))).toEqual([{ ssl: true, version: "TLSv1.3" }]);
  await expect(asks(connected({ caFile: "/nowhere" }))).rejects.toMatchObject({
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
  });
  await expect(asks(connected({ host: "127.0.0.1" }))).rejects.toMatchObject({
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
  await hasTls(false);
  await expect(asks(connected({}))).rejects.toThrow();
});

test("[A9.4] reads that may lag go to the replica", async () => {
  await hasTls(true);
  const main = { host: "main.invalid", readerHost: "localhost" };
  expect(await asks(connected(main, true))).toMatchObject([{ ssl: true }]);
  await expect(asks(connected(main))).rejects.toMatchObject({ code: "ENOTFOUND" });
});
