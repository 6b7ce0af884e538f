import type { Sql } from "postgres";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { connect } from "../../src/database/connect.ts";
import { startTlsServer } from "./tls-server.ts";

const open: Sql[] = [];
let server: Awaited<ReturnType<typeof startTlsServer>>;
beforeAll(async () => {
  server = await startTlsServer();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((sql) => sql.end({ timeout: 0 })));
});
afterAll(() => server.stop());

/** As functions on AWS connect: host, IAM's token, TLS. */
function connected(where: { host?: string; readerHost?: string; caFile?: string }, replica = false): Sql {
  const { port, caFile } = server;
  const names = { host: "localhost", port, name: "postgres", user: "t2m" };
  const database = { ...names, readerHost: undefined, secret: undefined, caFile, ...where };
  const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: undefined };
  const aws = { region: "eu-central-1", credentials: { ...keys, expiresAt: undefined } };
  const { sql } = connect({ database, aws }, { replica });
  open.push(sql);
  return sql;
}

const asks = (sql: Sql) => sql`select ssl, version from pg_stat_ssl where pid = pg_backend_pid()`;

test("a database that is named by its host is spoken to by TLS alone, and only if its certificate is one we trust and its own", async () => {
  await server.hasTls(true);
  expect(await asks(connected({}))).toEqual([{ ssl: true, version: "TLSv1.3" }]);
  await expect(asks(connected({ caFile: "/nowhere" }))).rejects.toMatchObject({
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
  });
  await expect(asks(connected({ host: "127.0.0.1" }))).rejects.toMatchObject({
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
  await server.hasTls(false);
  await expect(asks(connected({}))).rejects.toThrow();
});

test("[A9.4] reads that may lag go to the replica", async () => {
  await server.hasTls(true);
  const main = { host: "main.invalid", readerHost: "localhost" };
  expect(await asks(connected(main, true))).toMatchObject([{ ssl: true }]);
  await expect(asks(connected(main))).rejects.toMatchObject({ code: "ENOTFOUND" });
});
