import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "../processes/child.ts";
import { freePort } from "../processes/port.ts";
import { until } from "../processes/wait.ts";
import { unprivileged } from "./user.ts";

/** So few that clients have to share them: what one leaves behind in a session, the next one meets. */
const sharedConnections = 3;

/**
 * Starts pgbouncer before a Postgres, in transaction mode: the stand-in for RDS Proxy. Gives the URL of the same
 * database by way of it. Throws Error with pgbouncer's last words.
 */
export async function startPooler(
  command: string,
  { directory, url }: { directory: string; url: string },
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = new URL(url);
  const port = await freePort();
  const settings = join(directory, "pgbouncer.ini");
  writeFileSync(
    settings,
    `[databases]
* = host=${server.hostname} port=${server.port} user=${server.username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${sharedConnections}
max_client_conn = 500
`,
  );
  const runAs = unprivileged();
  const child = await startChild({
    name: "pgbouncer",
    command,
    args: [settings],
    before: runAs.prefix,
    stopSignal: "SIGINT",
    ...(runAs.user ? { user: runAs.user } : {}),
  });
  await until("pgbouncer is not ready", 10_000, () => {
    if (child.hasExited()) throw new Error(`pgbouncer did not start:\n${child.lastLines()}`);
    return child.lastLines().includes("process up");
  });
  const pooled = new URL(url);
  pooled.port = String(port);
  return { url: pooled.href, stop: child.stop };
}
