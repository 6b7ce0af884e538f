import { chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@t2m/local/postgres/server";
import postgres from "postgres";
import { vi } from "vitest";
import { selfSigned } from "./certificate.ts";

/** A Postgres of the file's own, with a certificate for `localhost`; TLS is off until it is put on. */
export async function startTlsServer() {
  const directory = mkdtempSync(join(tmpdir(), "t2m-tls-"));
  const server = await startPostgres({ directory, isDurable: false });
  const admin = postgres(server.url, { max: 1, onnotice: () => {} });
  const owner = statSync(join(directory, "data"));
  const { certificate, key } = selfSigned();
  const write = (file: string, text: string) => {
    writeFileSync(join(directory, file), text, { mode: 0o600 });
    chownSync(join(directory, file), owner.uid, owner.gid);
  };
  write("data/server.crt", certificate);
  write("data/server.key", key);
  write("ca.pem", certificate);
  return {
    admin,
    port: Number(new URL(server.url).port),
    caFile: join(directory, "ca.pem"),
    async hasTls(isOn: boolean): Promise<void> {
      await admin.unsafe(`alter system set ssl = ${isOn ? "on" : "off"}`);
      await admin`select pg_reload_conf()`;
      await vi.waitUntil(async () => (await admin`show ssl`)[0]?.ssl === (isOn ? "on" : "off"), 15_000);
    },
    /** As RDS has it for its administrator; everybody else comes in without one here. */
    async wantsPasswordOf(role: string): Promise<void> {
      const file = "data/pg_hba.conf";
      write(file, `host all ${role} all scram-sha-256\n${readFileSync(join(directory, file), "utf8")}`);
      await admin`select pg_reload_conf()`;
    },
    async stop(): Promise<void> {
      await admin.end({ timeout: 1 });
      await server.stop();
      rmSync(directory, { recursive: true });
    },
  };
}
