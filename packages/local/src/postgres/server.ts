import { chownSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Child, startChild } from "../processes/child.ts";
import { commandLineOf } from "../processes/identity.ts";
import { freePort } from "../processes/port.ts";
import type { Run } from "../processes/run.ts";
import { until } from "../processes/wait.ts";
import { type Binaries, findBinaries } from "./binaries.ts";
import { type Unprivileged, unprivileged } from "./user.ts";

export type PostgresOptions = {
  /** Holds the cluster, in `data/`. */
  directory: string;
  /** Without it a crash of the machine may lose the last writes: for tests. */
  isDurable: boolean;
  /** A free one where absent. */
  port?: number;
  run?: Run;
  onLine?: (line: string) => void;
};

export type RunningPostgres = { url: string; pid: number; stop: () => Promise<void> };

const environment = { PATH: "/usr/bin:/bin", LC_ALL: "C" };
const superuser = "t2m";

/** Where a server on this port is found. */
export function postgresUrl(port: number): string {
  return `postgres://${superuser}@127.0.0.1:${port}/postgres`;
}

/**
 * Starts Postgres on 127.0.0.1 and makes its cluster the first time. A cluster whose server was
 * killed recovers by itself; a server that outlived its supervisor is stopped first.
 * @throws Error with Postgres's last words
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const binaries = findBinaries();
  const runAs = unprivileged();
  mkdirSync(options.directory, { recursive: true });
  if (runAs.user) chownSync(options.directory, runAs.user.uid, runAs.user.gid);
  const data = join(options.directory, "data");
  if (!existsSync(join(data, "PG_VERSION"))) await makeCluster(binaries, runAs, options, data);
  else await stopOrphan(data);

  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const child = await startChild({
      ...childOptions(binaries.postgres, argumentsFor(data, port, options.isDurable), runAs, options),
      name: "Postgres",
    });
    try {
      await ready(child);
      return { url: postgresUrl(port), pid: child.pid, stop: child.stop };
    } catch (error) {
      await child.stop();
      const isTaken = child.lastLines().includes("Address already in use");
      if (!isTaken || options.port !== undefined || attempt === 3) throw error;
    }
  }
}

async function makeCluster(
  binaries: Binaries,
  runAs: Unprivileged,
  options: PostgresOptions,
  data: string,
): Promise<void> {
  // Half a cluster, of an interrupted first start.
  rmSync(data, { recursive: true, force: true });
  const args = ["-D", data, "-U", superuser, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
  const child = await startChild({ ...childOptions(binaries.initdb, args, runAs, options), name: "initdb" });
  await child.exited;
  if (!existsSync(join(data, "PG_VERSION"))) throw new Error(`initdb failed:\n${child.lastLines()}`);
}

function childOptions(
  command: string,
  args: readonly string[],
  runAs: Unprivileged,
  options: PostgresOptions,
) {
  return {
    before: runAs.prefix,
    command,
    args,
    // Fast shutdown: open connections are ended, everything is written.
    stopSignal: "SIGINT",
    directory: options.directory,
    environment,
    ...(runAs.user ? { user: runAs.user } : {}),
    ...(options.run ? { run: options.run } : {}),
    ...(options.onLine ? { onLine: options.onLine } : {}),
  } as const;
}

function argumentsFor(data: string, port: number, isDurable: boolean): string[] {
  const settings = ["max_connections=60", ...(isDurable ? [] : ["fsync=off", "full_page_writes=off"])];
  return [
    "-D",
    data,
    "-p",
    String(port),
    "-h",
    "127.0.0.1",
    // No socket file: its folder may not be writable, and its path is limited to 107 bytes.
    "-k",
    "",
    ...settings.flatMap((setting) => ["-c", setting]),
  ];
}

async function ready(child: Child): Promise<void> {
  await until("Postgres is not ready", 20_000, () => {
    if (child.hasExited()) throw new Error(`Postgres did not start:\n${child.lastLines()}`);
    return child.lastLines().includes("ready to accept connections");
  });
}

/**
 * The pid in a killed server's file may be anybody's by now, and Postgres would take that process for its other
 * server and refuse to start. Only one that names our cluster on its command line is stopped.
 */
async function stopOrphan(data: string): Promise<void> {
  const pidFile = join(data, "postmaster.pid");
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, "utf8").split("\n")[0]);
  const isOurs = () => commandLineOf(pid)?.includes(data) ?? false;
  if (isOurs()) {
    process.kill(pid, "SIGINT");
    await until(`Postgres (process ${pid}) has not stopped`, 5_000, () => !isOurs());
  }
  rmSync(pidFile, { force: true });
}
